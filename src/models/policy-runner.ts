import type { HostArray } from '../core/index.ts'
import { type DeviceTensor, toHost } from '../engine/index.ts'

/** Outputs of one head in host memory, row after row. */
export type HeadValues = Readonly<Record<string, Float32Array>>

/** Outputs of a policy for a batch. */
export interface PolicyValues {
  readonly heads: Readonly<Record<string, HeadValues>>
  /** Attention of the command over the patches: [batch, rows · columns]; rows sum to 1. */
  readonly attention: Float32Array
}

/**
 * A policy that can be run: a program over the arena of a training, a bundle's ONNX file, a quantized model, or one on
 * another machine. Acting and evaluation need no more.
 */
export interface PolicyRunner {
  /** @param pixelValues [batch, channels, height, width]  @param inputIds [batch, length] int64 */
  run(pixelValues: HostArray, inputIds: HostArray): Promise<PolicyValues>
}

/** Read the results of a policy's graph: `attention`, and `head.output` for every output of a head. */
export async function policyValues(results: Readonly<Record<string, DeviceTensor>>): Promise<PolicyValues> {
  const read = Object.entries(results).map(
    async ([name, tensor]) => [name, await toHost(tensor, 'float32')] as const,
  )
  return valuesByHead(Object.fromEntries(await Promise.all(read)))
}

/** Values of a policy from the outputs of its graph, by their names. */
export function valuesByHead(outputs: Readonly<Record<string, Float32Array>>): PolicyValues {
  const heads: Record<string, Record<string, Float32Array>> = {}
  let attention = new Float32Array()
  for (const [key, data] of Object.entries(outputs)) {
    const [name, output] = key.split('.') as [string, string | undefined]
    if (output === undefined) attention = new Float32Array(data)
    else heads[name] = { ...heads[name], [output]: data }
  }
  return { heads, attention }
}
