import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WorkerIdentity } from './event.ts'
import { ageOf } from './file-age.ts'
import { identityOf, livesHere } from './process-identity.ts'

/**
 * Seconds without a sign of life after which the holder of another host counts as dead. A sign may be a minute old when it is seen:
 * so long NFS keeps names and times by default.
 */
export const silence = 120

/** Seconds between two signs of life. */
export const signPeriod = 10

/** Holder of a lock. */
export interface Holder extends WorkerIdentity {
  /** Number of the holding, each one more than the last. */
  readonly turn: number
}

/** The largest turn, and whether it was given back. */
interface Latest {
  readonly turn: number
  readonly isFree: boolean
}

/**
 * Lock among processes, in a folder: a file `<turn>` for each holding, made so that only one process can make it, and
 * `<turn>.free` when it is given back. The largest turn has the lock. A turn whose process is dead, as after kill −9, is
 * as good as free: the next one simply follows it. No file of a holder is ever removed while it could be
 * the latest, so that two who find a dead holder cannot both take over.
 */
export class FileLock {
  readonly #folder: string
  #turn: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true })
  }

  /** The process that holds it now, which may be this one; undefined while it is free. */
  holder(): Holder | undefined {
    return this.#holderOf(this.#latest())
  }

  #holderOf({ turn, isFree }: Latest): Holder | undefined {
    if (turn === 0 || isFree) return undefined
    const file = join(this.#folder, String(turn))
    try {
      const identity = JSON.parse(readFileSync(file, 'utf8')) as WorkerIdentity
      const lives = livesHere(identity) ?? ageOf(file) < silence
      return lives ? { ...identity, turn } : undefined
    } catch {
      // Its maker is between making and writing it, or died there; or it has just been followed by another.
      return isYoung(file) ? { host: '', pid: 0, turn } : undefined
    }
  }

  /** Take the lock if it is free. @returns The number of the holding; undefined where another process has it. */
  take(): number | undefined {
    const before = this.#latest()
    if (this.#holderOf(before)) return undefined
    const turn = before.turn + 1
    const file = join(this.#folder, String(turn))
    try {
      writeFileSync(file, JSON.stringify(identityOf()), { flag: 'wx' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
      throw error
    }
    if (this.#latest().turn > turn) {
      // This one was slow: others had the turn and gave it back, and it was removed.
      rmSync(file, { force: true })
      return undefined
    }
    this.#turn = turn
    this.#removeBefore(turn)
    return turn
  }

  /** Give signs of life while the lock is held for long: other hosts see no processes of this one. */
  keep(): void {
    const file = join(this.#folder, String(this.#turn))
    const sign = () => writeFileSync(file, JSON.stringify(identityOf()))
    this.#timer = setInterval(sign, signPeriod * 1000).unref()
  }

  /** Give the lock back. */
  release(): void {
    clearInterval(this.#timer)
    if (this.#turn !== undefined) writeFileSync(join(this.#folder, `${this.#turn}.free`), '')
    this.#turn = undefined
  }

  #latest(): Latest {
    const names = readdirSync(this.#folder)
    const turn = names.reduce((most, name) => (/^\d+$/.test(name) ? Math.max(most, Number(name)) : most), 0)
    return { turn, isFree: names.includes(`${turn}.free`) }
  }

  #removeBefore(turn: number): void {
    for (const name of readdirSync(this.#folder))
      if (Number(name.replace('.free', '')) < turn) rmSync(join(this.#folder, name), { force: true })
  }
}

function isYoung(file: string): boolean {
  try {
    return ageOf(file) < 5
  } catch {
    return false
  }
}
