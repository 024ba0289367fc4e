import type { Selection, TrainingEvent } from './selection.ts'

/** A selection between two plans, for checkpoints: plain data. */
export interface SelectionPosition {
  /** As the last plan that is used up saw it. */
  readonly state: unknown
  /** Events that it has not seen. `plan` counts the plans from here on; the event is first seen by that one. */
  readonly events: readonly PlannedEvent[]
}

interface PlannedEvent {
  readonly plan: number
  readonly event: TrainingEvent
}

/**
 * A selection while batches are planned ahead of their use: an event is seen by the plans that are made after it, and
 * by no other. Plans are made at fixed points between batches, so what a plan sees does not depend on timing; and the
 * events that plans in flight did not see are part of the position, so a resumed run makes the same plans again.
 */
export class SelectionTimeline {
  readonly selection: Selection
  #state: unknown
  #plans = 0
  #events: PlannedEvent[]

  constructor(selection: Selection, position?: SelectionPosition) {
    this.selection = selection
    this.#state = position ? position.state : selection.initial
    this.#events = [...(position?.events ?? [])]
  }

  /** The state that the current plan sees. */
  get state(): unknown {
    return this.#state
  }

  /** Begin the next plan. */
  advance(): void {
    for (const { plan, event } of this.#events)
      if (plan === this.#plans) this.#state = this.selection.after(this.#state, event)
    this.#plans++
  }

  /** Whether the current plan takes the sample at this place of the source. */
  accepts(ordinal: number): boolean {
    return this.selection.accepts(this.#state, ordinal)
  }

  /** Something happened in training: plans to come see it. */
  observe(event: TrainingEvent): void {
    this.#events.push({ plan: this.#plans, event })
  }

  /** The position after `used` plans, of which the last saw `state`. Earlier ones cannot be asked for any more. */
  positionAfter(used: number, state: unknown): SelectionPosition {
    this.#events = this.#events.filter(({ plan }) => plan >= used)
    const events = this.#events.map(({ plan, event }) => ({ plan: plan - used, event }))
    return { state, events }
  }
}
