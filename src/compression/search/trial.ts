import type { Values } from './parameter.ts'

/** A validation of a trial: what it had used up (epochs), and its quality there. */
export interface Report {
  readonly resource: number
  readonly value: number
}

/**
 * State of a trial. `waiting`: paused at a rung until others have come there. `stopped`: given up by the pruner.
 * `refused`: its values do not make a recipe, so that nothing was trained.
 */
export type TrialState = 'running' | 'waiting' | 'finished' | 'stopped' | 'failed' | 'refused'

/** A trial, as samplers, pruners and reports see it. */
export interface Trial {
  readonly number: number
  /** `recipe`: the recipe's own values, for comparison; `sampler`: drawn. */
  readonly origin: 'recipe' | 'sampler'
  readonly values: Values
  readonly state: TrialState
  /** Validations, in order. */
  readonly reports: readonly Report[]
  /** Objectives by name, as far as they are known: all of a finished trial. */
  readonly measured: Readonly<Record<string, number>>
  /** Seconds of its process so far. */
  readonly seconds: number
  /** Reason of a failure, a refusal or a stop. */
  readonly reason?: string
}

/** A number that a study improves: its name, and whether more or less of it is better. */
export interface Objective {
  readonly name: string
  readonly direction: 'max' | 'min'
}

/**
 * Losses of a trial, one an objective, smaller is better; undefined while one is unknown.
 * @param quality Value for the first objective in place of the measured one, as of a rung.
 */
export function lossesOf(
  trial: Trial,
  objectives: readonly Objective[],
  quality?: number,
): readonly number[] | undefined {
  const losses = objectives.map(({ name, direction }, i) => {
    const value = i === 0 && quality !== undefined ? quality : trial.measured[name]
    return value === undefined || Number.isNaN(value) ? undefined : direction === 'min' ? value : -value
  })
  return losses.every((loss) => loss !== undefined) ? losses : undefined
}
