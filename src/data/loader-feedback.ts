import type { Draw } from './order.ts'
import type { SelectionPosition, SelectionTimeline } from './selection/selection-timeline.ts'

/** Feedback of the training to a loader with a `sampler`. Report to it between two batches. */
export interface LoaderFeedback {
  /**
   * Metrics of the batch handed out last: `difficulty`, the mean over its samples as far as it is known, and
   * `curriculumStage` of a curriculum, `targetDifficulty` of progressive difficulty.
   */
  readonly numbers: Readonly<Record<string, number>>
  /** Report the loss of each sample of the batch handed out last. Present only for samplers that learn from losses. */
  readonly onSampleLosses?: (losses: Float32Array) => void
  /** Report a validation's metric, from 0 (nothing is right) to 1 (everything is). */
  readonly onEvaluation: (performance: number) => void
}

/** Link between the batches that are handed out and the selection for later plans. */
export class SelectionFeedback implements LoaderFeedback {
  readonly onSampleLosses?: (losses: Float32Array) => void
  readonly #timeline: () => SelectionTimeline | undefined
  /** Start of the timeline, if not anew. */
  readonly #start: SelectionPosition | undefined
  /** The batch handed out last. */
  #draws: readonly Draw[] = []
  #numbers: Readonly<Record<string, number>> = {}
  /** Count of plans used up, and the state that the last of them saw. */
  #used = 0
  #state: unknown

  /** @param timeline Getter of the selection, once the first batch is planned. */
  constructor(
    timeline: () => SelectionTimeline | undefined,
    { losses, start }: { readonly losses: boolean; readonly start: SelectionPosition | undefined },
  ) {
    this.#timeline = timeline
    this.#start = start
    this.#state = start?.state
    if (losses) this.onSampleLosses = (losses) => this.#observeLosses(losses)
  }

  readonly onEvaluation = (performance: number): void => this.#timeline()?.observe({ performance })

  get numbers(): Readonly<Record<string, number>> {
    return this.#numbers
  }

  /** Position after the batch handed out last, with the events since. */
  get position(): SelectionPosition | undefined {
    const timeline = this.#timeline()
    return timeline
      ? timeline.positionAfter(this.#used, this.#state ?? timeline.selection.initial)
      : this.#start
  }

  /** Hand out a batch of these draws; they were chosen in the state `selected`. */
  handOut(draws: readonly Draw[], selected: unknown): void {
    const { selection } = this.#timeline()!
    const known = draws.flatMap(({ ordinal }) => selection.difficulty(selected, ordinal) ?? [])
    const difficulty = known.reduce((sum, value) => sum + value, 0) / known.length
    this.#draws = draws
    this.#numbers = { ...selection.numbers(selected), ...(known.length > 0 && { difficulty }) }
  }

  /** Use up these plans. */
  useUp(plans: readonly { readonly selected?: unknown }[]): void {
    this.#used += plans.length
    this.#state = plans.at(-1)?.selected ?? this.#state
  }

  #observeLosses(losses: Float32Array): void {
    const ordinals = this.#draws.map(({ ordinal }) => ordinal)
    this.#timeline()?.observe({ ordinals, losses: [...losses] })
  }
}
