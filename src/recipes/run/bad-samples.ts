import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Batch } from '../../core/index.ts'
import { runFiles, writeFileAtomic } from '../../core/index.ts'
import type { Loader } from '../../data/index.ts'

/**
 * The samples that a run leaves out, in training, validation and tests: `bad-samples.jsonl`, one object for each sample
 * with code, message and facts. Each sample is recorded once, even when it is met again or the run resumed.
 */
export class BadSamples {
  readonly #file: string
  readonly #messages: Set<string>

  readonly #writes: boolean

  /**
   * Open the file of an earlier part of the run; an incomplete last line is removed.
   * @param writes False for members of a run that leave the file to rank 0. Default true.
   */
  constructor(run: string, writes = true) {
    this.#file = join(run, runFiles.badSamples)
    this.#writes = writes
    const lines = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n').slice(0, -1) : []
    if (writes && lines.length > 0) writeFileAtomic(this.#file, lines.map((line) => `${line}\n`).join(''))
    this.#messages = new Set(lines.map((line) => (JSON.parse(line) as { message: string }).message))
  }

  get count(): number {
    return this.#messages.size
  }

  /** Record the samples that a loader has left out so far. */
  note({ badSamples }: Pick<Loader, 'badSamples'>): void {
    for (const { code, message, facts } of badSamples) {
      if (this.#messages.has(message)) continue
      this.#messages.add(message)
      if (this.#writes) appendFileSync(this.#file, `${JSON.stringify({ code, message, ...facts })}\n`)
    }
  }

  /** The batches of a loader; after the last one the left-out samples are recorded. */
  async *watch(loader: Loader): AsyncGenerator<Batch, void, undefined> {
    yield* loader
    this.note(loader)
  }
}
