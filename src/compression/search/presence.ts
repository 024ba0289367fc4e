import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../../core/index.ts'
import type { WorkerIdentity } from './event.ts'
import { ageOf } from './file-age.ts'
import { signPeriod, silence } from './lock.ts'
import { identityOf, livesHere } from './process-identity.ts'

/** Words of a worker about itself, for the others of its study. */
export interface Sign extends WorkerIdentity {
  /** The process that trains its trial; undefined between trials. */
  readonly child?: WorkerIdentity
  /** Turn of the measuring for which its training is halted. */
  readonly quiet?: number
}

/**
 * Presence of a worker in the folder of a study: a file that says which trial's process it has, written anew every ten
 * seconds so that workers on other hosts see that it lives.
 */
export class Presence {
  readonly #folder: string
  readonly #file: string
  #sign: Sign = identityOf()
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string) {
    this.#folder = folder
    this.#file = join(folder, nameOf(this.#sign))
    mkdirSync(folder, { recursive: true })
  }

  get identity(): WorkerIdentity {
    return identityOf()
  }

  /** Begin to give signs of life. */
  open(): void {
    this.#write()
    this.#timer = setInterval(() => this.#write(), signPeriod * 1000).unref()
  }

  /** Say something else than before. */
  say(sign: Omit<Sign, keyof WorkerIdentity>): void {
    this.#sign = { ...identityOf(), ...sign }
    this.#write()
  }

  /** Take leave: the file is removed. */
  close(): void {
    clearInterval(this.#timer)
    rmSync(this.#file, { force: true })
  }

  /** Tell whether a worker lives, here or elsewhere. */
  isAlive(worker: WorkerIdentity): boolean {
    return livesHere(worker) ?? this.#isFresh(nameOf(worker))
  }

  /** The last sign of a worker, dead or alive; undefined for one that took leave. */
  signOf(worker: WorkerIdentity): Sign | undefined {
    return this.#read(nameOf(worker))
  }

  /** Signs of the other workers of this host that live. */
  neighbours(): Sign[] {
    const own = nameOf(this.#sign)
    return readdirSync(this.#folder)
      .filter((name) => name !== own && name.endsWith('.json'))
      .flatMap((name) => this.#read(name) ?? [])
      .filter((sign) => livesHere(sign) === true)
  }

  #read(name: string): Sign | undefined {
    try {
      return JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as Sign
    } catch {
      return undefined // it took leave in between
    }
  }

  #isFresh(name: string): boolean {
    try {
      return ageOf(join(this.#folder, name)) < silence
    } catch {
      return false
    }
  }

  #write(): void {
    writeFileAtomic(this.#file, JSON.stringify(this.#sign))
  }
}

const nameOf = ({ host, pid }: WorkerIdentity): string => `${host}-${pid}.json`
