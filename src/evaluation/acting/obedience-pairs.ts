import { type McNemar, mcNemar } from '../../metrics/index.ts'
import type { Outcomes, RolloutTask } from '../rollout/outcome.ts'
import type { Measured } from '../suite/measured.ts'
import { differenceOf, meanOf } from './measures.ts'

/** Outcomes of one scene with each command, by the goal of the right one. */
export interface PairedOutcomes {
  readonly right: Outcomes
  readonly other: Outcomes
  readonly none: Outcomes
  readonly otherAtItsGoal: Outcomes
}

/** Success at one task with each command. */
export interface TaskPairs {
  readonly right: Measured
  readonly other: Measured
  readonly none: Measured
  readonly otherAtItsGoal: Measured
  /** Right − other, paired by scene. */
  readonly difference: Measured
  /** Exact test of the right command against the other. */
  readonly mcNemar: McNemar
}

/** Success at a task with each command; undefined without scenes of the task. */
export function obediencePairs(
  tried: readonly PairedOutcomes[],
  task: RolloutTask,
  seed: number,
): TaskPairs | undefined {
  const own = tried.filter(({ right }) => right[task])
  if (own.length === 0) return undefined
  const rightOnes = (which: keyof PairedOutcomes) => own.map((each) => each[which][task]!.success)
  const values = (which: keyof PairedOutcomes) => rightOnes(which).map(Number)
  return {
    right: meanOf(values('right'), seed),
    other: meanOf(values('other'), seed),
    none: meanOf(values('none'), seed),
    otherAtItsGoal: meanOf(values('otherAtItsGoal'), seed),
    difference: differenceOf(values('right'), values('other'), 'max', seed),
    mcNemar: mcNemar(rightOnes('right'), rightOnes('other')),
  }
}
