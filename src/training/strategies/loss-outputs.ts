import { type DeviceTensor, toNumber } from '../../engine/index.ts'
import type { Tensor } from '../../graph/index.ts'

/** A loss as a part of a graph. */
export interface TaskLoss {
  /** The scalar to differentiate. */
  readonly loss: Tensor
  /** Scalars for the log, by name. Default: none. */
  readonly numbers?: Readonly<Record<string, Tensor>>
  /** The loss of each sample, [batch]; undefined when the task does not know it. */
  readonly sampleLosses?: Tensor
}

const prefix = 'number:'

/** Outputs of a program that computes a loss. */
export function lossOutputs(
  { loss, numbers = {}, sampleLosses }: TaskLoss,
  wanted: { readonly sampleLosses: boolean },
): Readonly<Record<string, Tensor>> {
  const named = Object.entries(numbers).map(([name, number]) => [`${prefix}${name}`, number] as const)
  return {
    loss,
    ...Object.fromEntries(named),
    ...(wanted.sampleLosses && sampleLosses && { sampleLosses }),
  }
}

/** Read the loss and the metrics from the results of a program with `lossOutputs`. */
export async function readNumbers(
  results: Readonly<Record<string, DeviceTensor>>,
): Promise<{ loss: number; numbers: Record<string, number> }> {
  const numbers: Record<string, number> = {}
  for (const [name, tensor] of Object.entries(results))
    if (name.startsWith(prefix)) numbers[name.slice(prefix.length)] = await toNumber(tensor)
  return { loss: await toNumber(results.loss!), numbers }
}
