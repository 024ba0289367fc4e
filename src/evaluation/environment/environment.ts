import type { ChunkObservation } from '../../deploy/index.ts'

/** Outcome of a step. */
export interface EnvironmentStep {
  /** Pictures and state after the step, by the names of the policy's data, and the command. */
  readonly observation: ChunkObservation
  /** True where the task is done. */
  readonly success: boolean
  /** True where the episode is over: done, or failed for good. */
  readonly terminated: boolean
  /** True where the episode is cut short by the world's own limit. */
  readonly truncated: boolean
}

/**
 * A world in which a policy acts, as Gymnasium's `Env`: a simulator of one's own, or a robot with somebody who puts things back.
 *
 * A world in Python is the client of openpi's protocol instead, and `visuomotor serve` answers it (examples/gymnasium).
 */
export interface Environment {
  /** Begin an episode; the same seed gives the same one. */
  reset(seed: number): ChunkObservation | Promise<ChunkObservation>
  /** Carry out an action, in the units of the policy's data. */
  step(action: readonly number[]): EnvironmentStep | Promise<EnvironmentStep>
}
