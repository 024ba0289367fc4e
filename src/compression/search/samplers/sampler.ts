import { bestFirst, type Losses } from '../front.ts'
import type { Space, Values } from '../parameter.ts'
import { lossesOf, type Objective, type Trial } from '../trial.ts'

/** Knowledge of a sampler that is asked for the values of the next trial. */
export interface Question {
  readonly space: Space
  readonly objectives: readonly Objective[]
  readonly seed: number
  /** Number of the draw, from 0: the same draw has the same random numbers. */
  readonly draw: number
  /** All trials so far, running ones too, by number. */
  readonly trials: readonly Trial[]
}

/** Values for the next trial; undefined where there are no more. A function of its question and nothing else. */
export type Sampler = (question: Question) => Values | undefined

/** Trials that say something about quality, best first: finished ones, then stopped ones by how far they came. */
export function ranked(
  { trials, objectives }: Pick<Question, 'trials' | 'objectives'>,
  count = trials.length,
): Trial[] {
  const finished = withLosses(trials, 'finished', (trial) => lossesOf(trial, objectives))
  const best = bestFirst(
    finished.map(({ losses }) => losses),
    Math.min(count, finished.length),
  ).map((i) => finished[i]!.trial)
  const stopped = withLosses(trials, 'stopped', (trial) => {
    const last = trial.reports.at(-1)
    return last && [-last.resource, objectives[0]!.direction === 'max' ? -last.value : last.value]
  })
  const rest = stopped
    .sort((a, b) => a.losses[0]! - b.losses[0]! || a.losses[1]! - b.losses[1]!)
    .map(({ trial }) => trial)
  return [...best, ...rest].slice(0, count)
}

const withLosses = (
  trials: readonly Trial[],
  state: Trial['state'],
  losses: (trial: Trial) => Losses | undefined,
): { trial: Trial; losses: Losses }[] =>
  trials.flatMap((trial) => {
    const known = trial.state === state ? losses(trial) : undefined
    return known ? [{ trial, losses: known }] : []
  })

/** Trials that {@link ranked} ranks. */
export const judged = ({ trials, objectives }: Pick<Question, 'trials' | 'objectives'>): Trial[] =>
  trials.filter(
    (trial) =>
      (trial.state === 'finished' && lossesOf(trial, objectives) !== undefined) ||
      (trial.state === 'stopped' && trial.reports.length > 0),
  )
