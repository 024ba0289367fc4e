import type { Parameter } from '../../nn/index.ts'
import type { FeatureObjective, Features } from './cached-feature-task.ts'
import type { Leaves } from './leaves.ts'
import type { TaskLoss } from './loss-outputs.ts'

/** A loss that is added to others. */
export interface LossTerm {
  /** Name in the log, and of its features; no two terms of a task have the same. */
  readonly name: string
  /** Factor of the loss. */
  readonly weight: number
  readonly objective: FeatureObjective
  /** Parameters that only this term learns, such as a projection. Default: none. */
  readonly parameters?: ReadonlyMap<string, Parameter>
}

/** Losses that are added to a task's own. */
export interface AddedLosses {
  /** Weight of the task's own loss. */
  readonly ownWeight: number
  readonly terms: readonly LossTerm[]
}

/** A task's own objective with further losses, as {@link addLosses}. @param name Name of its own loss in the log. */
export const withAdded = (
  name: string,
  objective: FeatureObjective,
  added?: AddedLosses,
): FeatureObjective =>
  added ? addLosses([{ name, weight: added.ownWeight, objective }, ...added.terms]) : objective

/** The parameters of a task with those of added losses. */
export const withParametersOf = (
  added: AddedLosses | undefined,
  own: ReadonlyMap<string, Parameter>,
): ReadonlyMap<string, Parameter> =>
  new Map([...own, ...(added?.terms ?? []).flatMap(({ parameters = new Map() }) => [...parameters])])

/**
 * The objective Σ weight·loss over terms. The log has the loss of each term, before its weight, as `<name>Loss`; the loss
 * of a sample is the sum over the terms, where all know it. Graphs that several terms build from the same arrays are
 * shared where they are built by `leaves.once`.
 */
export function addLosses(terms: readonly LossTerm[]): FeatureObjective {
  const draws = terms.flatMap(({ objective: { draw } }) => draw ?? [])
  return {
    ...(draws.length > 0 && {
      draw: (batch, streamOf) => Object.assign({}, ...draws.map((draw) => draw(batch, streamOf))),
    }),
    features: (leaves) => Object.fromEntries(terms.flatMap((term) => featuresOf(term, leaves))),
    loss(features, leaves) {
      const built = terms.map((term) => term.objective.loss(ownFeatures(term, features), leaves))
      const weighted = built.map(({ loss }, i) => loss.mul(terms[i]!.weight))
      const named = built.map(({ loss }, i) => [`${terms[i]!.name}Loss`, loss] as const)
      const ofSamples = sampleLosses(terms, built)
      return {
        loss: weighted.reduce((sum, loss) => sum.add(loss)),
        numbers: Object.assign({}, ...built.map(({ numbers }) => numbers), Object.fromEntries(named)),
        ...(ofSamples && { sampleLosses: ofSamples }),
      }
    },
  }
}

const featuresOf = ({ name, objective }: LossTerm, leaves: Leaves) =>
  Object.entries(objective.features(leaves)).map(
    ([feature, tensor]) => [`${name}.${feature}`, tensor] as const,
  )

const ownFeatures = ({ name }: LossTerm, features: Features): Features =>
  Object.fromEntries(
    Object.entries(features).flatMap(([feature, tensor]) =>
      feature.startsWith(`${name}.`) ? [[feature.slice(name.length + 1), tensor] as const] : [],
    ),
  )

function sampleLosses(terms: readonly LossTerm[], built: readonly TaskLoss[]): TaskLoss['sampleLosses'] {
  const known = built.flatMap(({ sampleLosses }, i) =>
    sampleLosses ? [sampleLosses.mul(terms[i]!.weight)] : [],
  )
  return known.length === terms.length ? known.reduce((sum, losses) => sum.add(losses)) : undefined
}
