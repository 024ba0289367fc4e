import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { CheckpointError } from '../../core/index.ts'
import { parseEvent, type StudyEvent } from './event.ts'
import { FileLock } from './lock.ts'
import { replay, type StudyState } from './replay.ts'

/** Events that a decision adds to a journal, and the result for its caller. */
export interface Decision<T> {
  readonly events: readonly StudyEvent[]
  readonly result: T
}

/**
 * Memory of a study that several workers share: the seam behind which it may be a file, or a process that serves many
 * machines.
 */
export interface Journal {
  /** The state now. */
  read(): Promise<StudyState>
  /** Decide on the state and add events to it, while no other worker can: all of them are kept, or none. */
  transact<T>(decide: (state: StudyState) => Decision<T>): Promise<T>
}

/** Milliseconds between two tries for the lock. */
const pause = 20

/**
 * Journal in a file of JSON lines that only grows. A decision is written under a lock and synced, so that a process
 * that is killed leaves at most a last line without its end, which the next writer cuts off.
 * @param lockFolder Folder for the lock: see {@link FileLock}.
 */
export class FileJournal implements Journal {
  readonly #file: string
  readonly #lock: FileLock

  constructor(file: string, lockFolder: string) {
    this.#file = file
    this.#lock = new FileLock(lockFolder)
  }

  async read(): Promise<StudyState> {
    return replay(this.#events().events)
  }

  async transact<T>(decide: (state: StudyState) => Decision<T>): Promise<T> {
    while (this.#lock.take() === undefined) await setTimeout(pause)
    try {
      const { events, bytes } = this.#events()
      const decision = decide(replay(events))
      if (decision.events.length > 0) this.#append(decision.events, bytes)
      return decision.result
    } finally {
      this.#lock.release()
    }
  }

  /** The events, and the size of the whole lines that they stand in. @throws CheckpointError `study/journal`. */
  #events(): { events: StudyEvent[]; bytes: number } {
    const content = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : ''
    const whole = content.slice(0, content.lastIndexOf('\n') + 1)
    const events = whole
      .split('\n')
      .slice(0, -1)
      .map((line, i) => {
        const event = parseEvent(line)
        if (event) return event
        throw new CheckpointError(
          'study/journal',
          `${this.#file}:${i + 1}: this line is no event of a study. The file is damaged, or of a newer version; ` +
            'remove the line if you know what it was',
          { file: this.#file, line: i + 1 },
        )
      })
    return { events, bytes: Buffer.byteLength(whole) }
  }

  #append(events: readonly StudyEvent[], bytes: number): void {
    const lines = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''))
    const file = openSync(this.#file, 'a+')
    try {
      ftruncateSync(file, bytes)
      for (let written = 0; written < lines.length; ) written += writeSync(file, lines, written)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }
}
