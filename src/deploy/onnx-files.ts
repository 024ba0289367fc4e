import { zeros } from '../core/index.ts'
import { rewrite, shrink, unpackRows, writeOnnx } from '../graph/index.ts'
import {
  buildModel,
  type EndTokens,
  type ExportedGraphs,
  type Families,
  familyOf,
  type Model,
} from '../models/index.ts'
import { namedParameters } from '../nn/index.ts'
import { addSlots, type SlotOptions } from './adapter-slots.ts'
import type { FamilyOptions } from './bundle.ts'
import type { Weights } from './weights.ts'

/** Options of ONNX files. */
export interface OnnxFilesOptions extends FamilyOptions {
  /** Names of the files to make. Default: all. */
  readonly only?: readonly string[]
  /** Room for adapters, as inputs that need not be fed. Default: none. */
  readonly slots?: SlotOptions | undefined
}

/**
 * A model as ONNX files, weights included: the graphs that its family exports. The files of dual encoders have the
 * inputs and outputs that transformers.js expects; see `dualEncoderGraphs` and `policyGraph`.
 */
export function* onnxFiles(
  model: Model,
  weights: Weights,
  tokens: EndTokens,
  { families, only, slots }: OnnxFilesOptions = {},
): Generator<[name: string, bytes: Uint8Array]> {
  const whole = slots ? addSlots(buildModel(model.config, { families }), slots) : model
  const parameters = [...namedParameters(whole)]
  const stored = new Map(
    parameters.flatMap(([name, { leaf }]) => {
      const value = weights.get(name)
      return value ? [[leaf, value] as const] : []
    }),
  )
  const defaults = new Map(
    parameters.flatMap(([name, { leaf, shape }]) =>
      weights.has(name) ? [] : [[leaf, zeros('float32', shape)] as const],
    ),
  )
  for (const [name, { outputs, symbolicSizes }] of Object.entries(exportedGraphs(whole, tokens, families))) {
    if (only && !only.includes(name)) continue
    const graph = rewrite(unpackRows(shrink(outputs)))
    yield [name, writeOnnx(graph, { weights: stored, defaults, symbolicSizes }).bytes]
  }
}

/** The graphs of a model's files by their names. */
export const exportedGraphs = (model: Model, tokens: EndTokens, families?: Families): ExportedGraphs =>
  familyOf(model.config.model_type, families).graphs(model, tokens)
