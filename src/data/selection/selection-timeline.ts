import type { Selection, TrainingEvent } from './selection.ts'

/** A selection between two plans, for checkpoints: plain data. */
export interface SelectionPosition {
  /** State that the last used plan saw. */
  readonly state: unknown
  /**
   * Events that the state has not seen. `plan` counts the plans from here on and names the first one to see the event.
   */
  readonly events: readonly PlannedEvent[]
}

interface PlannedEvent {
  readonly plan: number
  readonly event: TrainingEvent
}

/**
 * A selection for batches that are planned ahead of their use. Only plans made after an event see it. Plans are made at
 * fixed points between batches, so their events do not depend on timing. Events that plans in flight did not see are
 * part of the position, so a resumed run makes the same plans again.
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

  /** State that the current plan sees. */
  get state(): unknown {
    return this.#state
  }

  /** Begin the next plan. */
  advance(): void {
    for (const { plan, event } of this.#events)
      if (plan === this.#plans) this.#state = this.selection.after(this.#state, event)
    this.#plans++
  }

  /** Test for a sample that the current plan takes, by its place in the source. */
  accepts(ordinal: number): boolean {
    return this.selection.accepts(this.#state, ordinal)
  }

  /** Record an event of the training for plans to come. */
  observe(event: TrainingEvent): void {
    this.#events.push({ plan: this.#plans, event })
  }

  /** Position after `used` plans, the last of which saw `state`. Earlier positions are no longer available. */
  positionAfter(used: number, state: unknown): SelectionPosition {
    this.#events = this.#events.filter(({ plan }) => plan >= used)
    const events = this.#events.map(({ plan, event }) => ({ plan: plan - used, event }))
    return { state, events }
  }
}
