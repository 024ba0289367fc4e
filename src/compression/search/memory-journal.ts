import type { StudyEvent } from './event.ts'
import type { Decision, Journal } from './journal.ts'
import { replay, type StudyState } from './replay.ts'

/** Journal of a study that one process does and nobody resumes: for functions that are searched in memory. */
export class MemoryJournal implements Journal {
  readonly events: StudyEvent[] = []

  async read(): Promise<StudyState> {
    return replay(this.events)
  }

  async transact<T>(decide: (state: StudyState) => Decision<T>): Promise<T> {
    const { events, result } = decide(replay(this.events))
    this.events.push(...events)
    return result
  }
}
