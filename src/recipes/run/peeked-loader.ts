import type { Batch } from '../../core/index.ts'
import type { Loader } from '../../data/index.ts'

/** A loader whose first batch can be looked at before it is used. */
export class PeekedLoader implements Loader {
  readonly #loader: Loader
  readonly #batches: AsyncGenerator<Batch, void, undefined>
  #first: Promise<IteratorResult<Batch, void>> | undefined

  constructor(loader: Loader) {
    this.#loader = loader
    this.#batches = loader[Symbol.asyncIterator]()
  }

  /** The first batch, which iteration still begins with; undefined where there is none. @throws Errors of the loader. */
  async peek(): Promise<Batch | undefined> {
    this.#first ??= this.#batches.next()
    const { value } = await this.#first
    return value ?? undefined
  }

  get position() {
    return this.#loader.position
  }

  get waitSeconds() {
    return this.#loader.waitSeconds
  }

  get badSamples() {
    return this.#loader.badSamples
  }

  get captions() {
    return this.#loader.captions
  }

  get dataChanges() {
    return this.#loader.dataChanges
  }

  get feedback() {
    return this.#loader.feedback
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const first = this.#first
    this.#first = undefined
    const result = first && (await first)
    if (result?.done) return
    if (result) yield result.value
    yield* this.#batches
  }

  close(): Promise<void> {
    return this.#loader.close()
  }
}
