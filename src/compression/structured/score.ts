import { ConfigError } from '../../core/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import type { Subject, Tools } from '../method.ts'
import type { Scores } from './choose-units.ts'
import { magnitudeOf, taylorOf } from './importance.ts'
import { measure, type Probe } from './measure.ts'
import type { ModelGraphs } from './model-graphs.ts'
import type { Unit } from './prunable-units.ts'

/** Ways to tell how important a unit is. */
export const importances = ['magnitude', 'taylor', 'activation'] as const

export type Importance = (typeof importances)[number]

/** Units or layers to choose from, and what is measured of them. */
export interface Candidates {
  readonly path: string
  readonly units: readonly Unit[]
  /** Values whose elements are those of units. Importance is the mean over all probes that have a unit. */
  readonly probes: readonly (Probe & { readonly units: readonly (number | undefined)[] })[]
}

/**
 * Importance of each unit of each set.
 * @param graphs The graphs that the probes are of.
 * @throws ConfigError `compression/no-importance` for a set that no gradient reaches, or whose values no graph gives that
 * the samples can feed.
 */
export async function scoresOf(
  importance: Importance,
  sets: readonly Candidates[],
  subject: Subject,
  graphs: ModelGraphs,
  tools: Tools,
): Promise<Scores[]> {
  const { weights } = subject.bundle
  if (importance === 'magnitude')
    return sets.map(({ units }) => units.map((unit) => magnitudeOf(unit, weights)))
  const scores =
    importance === 'taylor'
      ? await byGradients(sets, subject, tools)
      : await byActivations(sets, subject.bundle, graphs, tools)
  const without = sets.find((_, set) => scores[set]!.every((score) => score === 0))
  if (!without) return scores
  const reason =
    importance === 'taylor'
      ? 'no gradient of the loss reaches it'
      : 'no graph has its values that the arrays of the samples can feed'
  throw new ConfigError(
    'compression/no-importance',
    `structured: ${without.path} has no importance by ${importance}: ${reason}. Leave it out by layers, or take importance: ` +
      "'magnitude'",
    { path: without.path, importance },
  )
}

async function byGradients(sets: readonly Candidates[], subject: Subject, tools: Tools): Promise<Scores[]> {
  const gradients = await tools.gradients(subject)
  return sets.map(({ units }) => units.map((unit) => taylorOf(unit, subject.bundle.weights, gradients)))
}

async function byActivations(
  sets: readonly Candidates[],
  bundle: Bundle,
  graphs: ModelGraphs,
  tools: Tools,
): Promise<Scores[]> {
  const named = sets.flatMap(({ probes }, set) =>
    probes.map((probe, i) => ({ name: `${set}/${i}`, set, ...probe })),
  )
  const probes = new Map(named.map(({ name, at, value }) => [name, { at, value }]))
  const values = await measure(bundle, graphs, probes, tools)
  return sets.map(({ units }, set) => {
    const [sums, counts] = [units.map(() => 0), units.map(() => 0)]
    for (const { name, units: indices } of named.filter((probe) => probe.set === set))
      values.get(name)?.forEach((value, position) => {
        const unit = indices[position]
        if (unit === undefined) return
        sums[unit]! += value
        counts[unit]!++
      })
    return sums.map((sum, unit) => (counts[unit] === 0 ? 0 : sum / counts[unit]!))
  })
}
