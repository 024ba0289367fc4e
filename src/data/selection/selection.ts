/** What happened in training, as far as it matters to the choice of samples. */
export type TrainingEvent =
  /** A validation's metric, from 0 (nothing is right) to 1 (everything is). */
  | { readonly performance: number }
  /** The losses of the samples at these places of the source. */
  | { readonly ordinals: readonly number[]; readonly losses: readonly number[] }

/**
 * Chooses samples by how the training goes: which of a pass are dealt, the others being passed over. Everything that
 * it remembers is in `State`, plain data that goes into checkpoints; all methods are pure functions.
 */
export interface Selection<State = unknown> {
  readonly initial: State
  /** The state after an event. */
  after(state: State, event: TrainingEvent): State
  /** Whether the sample at this place of the source is dealt now. */
  accepts(state: State, ordinal: number): boolean
  /** How hard the sample is, as far as that is known. */
  difficulty(state: State, ordinal: number): number | undefined
  /** What to log of the state. */
  numbers(state: State): Readonly<Record<string, number>>
}
