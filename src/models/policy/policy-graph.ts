import { input, type SymbolicSize, symbolicPrimes } from '../../graph/index.ts'
import { type EndTokens, type ExportedGraphs, ended } from '../exported-graphs.ts'
import type { Policy } from './policy.ts'
import { outputsByName } from './policy-programs.ts'

/** Stand for the sizes that stay free in the file. */
const [, batch, sequence] = symbolicPrimes

/**
 * The one file of a policy, `model`: `pixel_values` and `input_ids`, a command for each image → `attention` [batch,
 * patches], which sums to 1, and `<head>.<output>` in the units of its label; classes are logits.
 */
export function policyGraph(model: Policy, tokens: EndTokens): ExportedGraphs {
  const { image, text } = model.inputs
  const pixels = input('pixel_values', [batch, image.channels, image.size, image.size])
  const ids = input('input_ids', [batch, sequence], 'int64')
  const symbolicSizes: SymbolicSize[] = [
    { prime: batch, name: 'batch_size', input: pixels, axis: 0 },
    { prime: batch, name: 'batch_size', input: ids, axis: 0 },
    { prime: sequence, name: 'sequence_length', input: ids, axis: 1 },
  ]
  const { heads, attention } = model.forward(pixels, ended(ids, text.length, tokens))
  return { model: { outputs: { ...outputsByName(heads), attention: attention.softmax() }, symbolicSizes } }
}
