import { writeOnnx } from '../graph/index.ts'
import type { EndTokens, Model } from '../models/index.ts'
import { type FileGraphOptions, weightedGraphs } from './weighted-graphs.ts'
import type { Weights } from './weights.ts'

/**
 * A model as ONNX files, weights included: the graphs that its family exports. The files of dual encoders have the
 * inputs and outputs that transformers.js expects; see `dualEncoderGraphs` and `policyGraph`.
 */
export function* onnxFiles(
  model: Model,
  weights: Weights,
  tokens: EndTokens,
  options: FileGraphOptions = {},
): Generator<[name: string, bytes: Uint8Array]> {
  for (const [name, graph] of weightedGraphs(model, weights, tokens, options))
    yield [name, writeOnnx(graph.outputs, graph).bytes]
}
