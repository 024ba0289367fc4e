import { frontOf, lossesOf, type SearchObjective, type TrackedTrial } from '../../compression/index.ts'
import type { Registry } from '../recipe/registry.ts'
import { foundDirectory, type Study } from './search-directory.ts'
import { monitoredBy, searchObjectives } from './search-objectives.ts'
import { assignmentsOf } from './search-values.ts'

/** Results of a study. */
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

/** Sentences about the recipe's own values beside what was found; none without both, or without a cost. */
export function comparisonOf({ objectives, own, verdict }: SearchResults): string[] {
  const [, cost] = objectives
  if (!own || !cost) return []
  if (!verdict)
    return ["no trial is as good as the recipe's own values, by one seed each: small differences are chance"]
  const share = Math.round((100 * verdict.measured[cost.name]!) / own.measured[cost.name]!)
  const noisy = own.measured.alone === 0 || verdict.measured.alone === 0
  return [
    `trial ${verdict.number} is not worse than the recipe's own values, at ${share} % of their ${cost.name}, by one seed each`,
    ...(noisy ? ['its time is noisy: another training could not be halted while it was measured'] : []),
  ]
}

/**
 * The command that trains a trial's recipe again, or trains on what was found in a supernet, tests included, without
 * `npx visuomotor`.
 */
export function commandOf({ description, directory }: Study, trial: TrackedTrial): string {
  const { recipe, assignments, config } = description
  const sets = config.supernet
    ? [
        // The base says which model it is.
        ...assignments.filter((text) => !/^(supernet|model)\b/.test(text)),
        'model={}',
        `base=${foundDirectory(directory, trial.number)}`,
      ]
    : [...assignments, ...assignmentsOf(trial.values)]
  return ['train', recipe, ...sets.flatMap((text) => ['--set', text])].map(quoted).join(' ')
}

const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
