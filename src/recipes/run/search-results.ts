import { frontOf, lossesOf, type SearchObjective, type TrackedTrial } from '../../compression/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Study } from './search.ts'
import { monitoredBy, searchObjectives } from './search-objectives.ts'
import { assignmentsOf } from './search-values.ts'

/** What a study has found. */
export interface SearchResults {
  readonly objectives: readonly SearchObjective[]
  /** The finished trials that no other dominates, by quality, best first. */
  readonly front: readonly TrackedTrial[]
  /** The recipe's own values, if they were tried to the end. */
  readonly own: TrackedTrial | undefined
  /** Trial that is not worse than the recipe's own at the least of the second objective; undefined without both. */
  readonly verdict: TrackedTrial | undefined
}

/** The Pareto front of a study, and what it says of the recipe's own values. */
export function resultsOf({ description, state }: Study, registry: Registry): SearchResults {
  const monitored = monitoredBy(description.config, registry)
  const objectives = searchObjectives(description.objectives, monitored)
  const finished = state.trials.flatMap((trial) => {
    const losses = trial.state === 'finished' ? lossesOf(trial, objectives) : undefined
    return losses ? [{ trial, losses }] : []
  })
  const front = frontOf(finished.map(({ losses }) => losses))
    .map((i) => finished[i]!)
    .sort((a, b) => a.losses[0]! - b.losses[0]!)
  const own = finished.find(({ trial }) => trial.origin === 'recipe')
  const notWorse = finished
    .filter(({ losses, trial }) => own && trial !== own.trial && losses[0]! <= own.losses[0]!)
    .sort((a, b) => (a.losses[1] ?? a.losses[0]!) - (b.losses[1] ?? b.losses[0]!))
  return { objectives, front: front.map(({ trial }) => trial), own: own?.trial, verdict: notWorse[0]?.trial }
}

/** The command that trains a trial's recipe again, tests included, without `npx visuomotor`. */
export function commandOf({ description }: Study, trial: TrackedTrial): string {
  const { recipe, assignments } = description
  const sets = [...assignments, ...assignmentsOf(trial.values)]
  return ['train', recipe, ...sets.flatMap((text) => ['--set', text])].map(quoted).join(' ')
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
