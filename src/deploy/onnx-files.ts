import { rewrite, unpackRows, writeOnnx } from '../graph/index.ts'
import { type EndTokens, type ExportedGraphs, type Families, familyOf, type Model } from '../models/index.ts'
import { namedParameters } from '../nn/index.ts'
import type { FamilyOptions } from './bundle.ts'
import type { Weights } from './weights.ts'

/**
 * A model as ONNX files, weights included: the graphs that its family exports. The files of dual encoders have the
 * inputs and outputs that transformers.js expects; see `dualEncoderGraphs` and `policyGraph`.
 * @param only Names of the files to make. Default: all.
 */
export function* onnxFiles(
  model: Model,
  weights: Weights,
  tokens: EndTokens,
  { families, only }: FamilyOptions & { readonly only?: readonly string[] } = {},
): Generator<[name: string, bytes: Uint8Array]> {
  const stored = new Map(
    [...namedParameters(model)].map(([name, { tensor }]) => [tensor, weights.get(name)!]),
  )
  for (const [name, { outputs, symbolicSizes }] of Object.entries(exportedGraphs(model, tokens, families))) {
    if (only && !only.includes(name)) continue
    yield [name, writeOnnx(rewrite(unpackRows(outputs)), { weights: stored, symbolicSizes }).bytes]
  }
}

/** The graphs of a model's files by their names. */
export const exportedGraphs = (model: Model, tokens: EndTokens, families?: Families): ExportedGraphs =>
  familyOf(model.config.model_type, families).graphs(model, tokens)
