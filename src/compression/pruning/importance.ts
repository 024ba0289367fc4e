import { nameGroups, random } from '../../core/index.ts'
import type { Weights } from '../../deploy/index.ts'
import type { Subject, Tools } from '../method.ts'
import { activationNorms } from './activation-norms.ts'

/** Names of measures of a weight's importance. */
export const importances = ['magnitude', 'wanda', 'random'] as const
export type Importance = (typeof importances)[number]

/** Scores of matrices by path, as long as their values; what scores least is removed first. */
export type Scores = ReadonlyMap<string, Float32Array>

/**
 * Importance of every weight of the named matrices W [outputs, inputs]:
 *
 *     magnitude  |W_ij|
 *     wanda      |W_ij| · ‖X_j‖₂, with X the inputs of the matrix on calibration data
 *     random     uniform in [0, 1), from the seed
 *
 * Matrices that no product reads, such as embeddings, have no inputs; Wanda leaves them out and says so.
 *
 * Source: Sun et al., "A Simple and Effective Pruning Approach for Large Language Models" (2023), for Wanda.
 */
export async function scoresOf(
  importance: Importance,
  names: readonly string[],
  subject: Subject,
  tools: Tools,
): Promise<Scores> {
  const { weights } = subject.bundle
  if (importance === 'wanda') return wandaScores(names, subject, tools)
  const score = importance === 'magnitude' ? magnitudes : drawn(tools.seed)
  return new Map(names.map((name) => [name, score(name, weights)]))
}

const magnitudes = (name: string, weights: Weights): Float32Array => weights.get(name)!.data.map(Math.abs)

const drawn =
  (seed: number) =>
  (name: string, weights: Weights): Float32Array => {
    const stream = random(seed, 'prune', name)
    // What is zero already goes first, so that pruning twice keeps the zeros of the first time.
    return weights.get(name)!.data.map((value) => (value === 0 ? 0 : 1 - stream.uniform()))
  }

async function wandaScores(names: readonly string[], subject: Subject, tools: Tools): Promise<Scores> {
  const norms = await activationNorms(subject, tools)
  const { weights } = subject.bundle
  const without = names.filter((name) => !norms.has(name))
  if (without.length > 0)
    tools.note(
      `wanda: left as they are, because no product with activations reads them: ${nameGroups(without, names).join(', ')}`,
    )
  const scores = names.flatMap((name): [string, Float32Array][] => {
    const inputs = norms.get(name)
    if (!inputs) return []
    return [[name, weights.get(name)!.data.map((value, i) => Math.abs(value) * inputs[i % inputs.length]!)]]
  })
  return new Map(scores)
}
