import { rewrite, writeOnnx } from '../graph/index.ts'
import { type EndTokens, type Families, familyOf, type Model } from '../models/index.ts'
import { namedParameters } from '../nn/index.ts'
import type { Weights } from './weights.ts'

/**
 * A model as ONNX files, weights included: the graphs that its family exports. Those of dual encoders have the inputs
 * and outputs that transformers.js expects; see `dualEncoderGraphs` and `policyGraph`.
 */
export function* onnxFiles(
  model: Model,
  weights: Weights,
  tokens: EndTokens,
  families?: Families,
): Generator<[name: string, bytes: Uint8Array]> {
  const stored = new Map(
    [...namedParameters(model)].map(([name, { tensor }]) => [tensor, weights.get(name)!]),
  )
  const graphs = familyOf(model.config.model_type, families).graphs(model, tokens)
  for (const [name, { outputs, symbolicSizes }] of Object.entries(graphs)) {
    yield [name, writeOnnx(rewrite(outputs), { weights: stored, symbolicSizes }).bytes]
  }
}
