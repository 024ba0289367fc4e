/** Event in training that matters to the choice of samples. */
export type TrainingEvent =
  /** Metric of a validation, from 0 (nothing is right) to 1 (everything is). */
  | { readonly performance: number }
  /** Losses of the samples at these places of the source. */
  | { readonly ordinals: readonly number[]; readonly losses: readonly number[] }

/**
 * Choice of the samples of a pass by the progress of training; other samples are skipped. Its whole memory is in
 * `State`, plain data that goes into checkpoints; all methods are pure functions.
 */
export interface Selection<State = unknown> {
  readonly initial: State
  /** State after an event. */
  after(state: State, event: TrainingEvent): State
  /** Test for a sample that is dealt now, by its place in the source. */
  accepts(state: State, ordinal: number): boolean
  /** Difficulty of the sample; undefined where it is not known. */
  difficulty(state: State, ordinal: number): number | undefined
  /** Values of the state to log. */
  numbers(state: State): Readonly<Record<string, number>>
}
