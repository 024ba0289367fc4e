import type { StudyEvent } from './event.ts'
import type { Decision, Journal } from './journal.ts'
import { replay, type StudyState } from './replay.ts'

/** Journal of a study that one process does and nobody resumes: for functions that are searched in memory. */
export class MemoryJournal implements Journal {
  /** All that has happened, in order. */
  readonly events: StudyEvent[]
  #state: StudyState

  /** @param events Events that have happened. Default: none. */
  constructor(events: Iterable<StudyEvent> = []) {
    this.events = [...events]
    this.#state = replay(this.events)
  }

  async read(): Promise<StudyState> {
    return this.#state
  }

  async transact<T>(decide: (state: StudyState) => Decision<T>): Promise<T> {
    const { events, result } = decide(this.#state)
    this.#state = replay(events, this.#state)
    this.events.push(...events)
    return result
  }
}
