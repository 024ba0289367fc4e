import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { FileLock, livesHere, Presence, type WorkerIdentity } from '../../compression/index.ts'
import { studyFiles } from './search-directory.ts'
import type { TrialProcess } from './trial-process.ts'

/**
 * A worker's place among those who share a study on this machine: who lives, and who measures while all others halt their
 * trainings.
 */
export class Workplace {
  readonly presence: Presence
  readonly #measuring: FileLock
  readonly #patience: number

  /**
   * @param directory Directory of the study.
   * @param patience Seconds to wait for the other workers of this machine to halt their trainings.
   */
  constructor(directory: string, patience = 10) {
    this.#patience = patience
    this.presence = new Presence(join(directory, studyFiles.workers))
    // Whoever measures on one host disturbs nobody on another.
    this.#measuring = new FileLock(join(directory, studyFiles.locks, `measuring-${hostname()}`))
  }

  /** Say which process trains for this worker, and whether it is halted for someone's measuring. */
  say(child: TrialProcess | undefined, quiet?: number): void {
    const sign = { ...(child && { child: child.identity }), ...(quiet !== undefined && { quiet }) }
    this.presence.say(sign)
  }

  /** Halt a training while another worker of this machine measures, and let it go on after that. */
  obey(child: TrialProcess): void {
    const holder = this.#measuring.holder()
    const isOther = holder !== undefined && livesHere(holder) === true && holder.pid !== process.pid
    if (isOther && !child.ended) {
      if (child.halt()) this.say(child, holder.turn)
    } else child.goOn()
  }

  /** Do work while a training of this worker is halted. */
  async withHalted<T>(child: TrialProcess, work: () => Promise<T>): Promise<T> {
    child.halt()
    try {
      return await work()
    } finally {
      child.goOn()
    }
  }

  /**
   * Measure while nobody else of this study trains or measures on this machine. The caller's own training must be halted.
   * @param child The caller's training; undefined where it has none.
   * @returns What was measured, and `alone`: false where another training could not be halted, so that times are noisy.
   */
  async measureAlone<T>(
    child: TrialProcess | undefined,
    measure: () => Promise<T>,
  ): Promise<T & { readonly alone: boolean }> {
    let turn = this.#measuring.take()
    for (; turn === undefined; turn = this.#measuring.take()) {
      const other = this.#measuring.holder()
      if (other) this.say(child, other.turn)
      await setTimeout(100)
    }
    try {
      const alone = process.platform !== 'win32' && (await this.#isQuiet(turn))
      return { ...(await measure()), alone }
    } finally {
      this.#measuring.release()
      this.say(child)
    }
  }

  async #isQuiet(turn: number): Promise<boolean> {
    const noisy = () =>
      this.presence.neighbours().filter(({ child, quiet }) => child && livesHere(child) && quiet !== turn)
    for (let waited = 0; waited < this.#patience * 10; waited++) {
      if (noisy().length === 0) return true
      await setTimeout(100)
    }
    return false
  }

  /** See to it that the process which a dead worker left is dead too, before another goes on with its trial. */
  async endOrphan(worker: WorkerIdentity): Promise<void> {
    const { child } = this.presence.signOf(worker) ?? {}
    if (child === undefined || this.presence.isAlive(worker)) return
    while (livesHere(child)) {
      process.kill(child.pid, 'SIGKILL')
      await setTimeout(20)
    }
  }
}
