import { DataError, random } from '../core/index.ts'
import type { Sample } from './sample.ts'
import type { BadSampleReport, Source } from './source.ts'

/**
 * A place in the endless stream of passes over a source: which pass, the block of the source that is being
 * dealt out (the number of its first sample), and how many of its samples came before.
 */
export interface Place {
  readonly epoch: number
  readonly block: number
  readonly offset: number
}

/** One sample where the stream meets it. */
export interface Draw {
  readonly sample: Sample
  readonly epoch: number
  /** Number of the sample in its source's own order. */
  readonly ordinal: number
}

/** A draw with its own place in the stream. */
export interface PlacedDraw extends Draw {
  readonly place: Place
}

export interface OrderOptions {
  readonly source: Source
  readonly seed: number
  /** False: the source's own order. */
  readonly shuffle: boolean
  /** Passes; default endless. */
  readonly epochs?: number
  /** Samples held to be shuffled, in bytes (encoded images and 1 KiB a sample). */
  readonly shuffleBytes: number
  readonly onBad?: BadSampleReport
}

/**
 * The order of samples, a function of seed and epoch. A source that fits in `shuffleBytes` is read once and
 * shuffled whole. A larger one is shuffled in blocks that fill half of it; while one is dealt out, the next is
 * read. So the stream can be entered at any place by reading one block.
 */
export class SampleOrder {
  readonly #options: OrderOptions
  #whole: readonly Sample[] | undefined

  constructor(options: OrderOptions) {
    this.#options = options
  }

  /** The stream from a place on. */
  async *draws(start: Place): AsyncGenerator<PlacedDraw, void, undefined> {
    const { epochs = Number.POSITIVE_INFINITY } = this.#options
    let { epoch, block, offset } = start
    for (; epoch < epochs; epoch++, block = 0, offset = 0) yield* this.#pass(epoch, block, offset)
  }

  /** The sample with this number in its source's own order. */
  async sampleAt(ordinal: number): Promise<Sample> {
    if (this.#whole !== undefined) return this.#whole[ordinal] as Sample
    for await (const sample of this.#read(ordinal)) return sample
    throw new DataError(
      'data/source-changed',
      `source ${this.#options.source.name} ends before sample ${ordinal}, which the position names; ` +
        'has the data changed since the checkpoint?',
      { source: this.#options.source.name, ordinal },
    )
  }

  async *#pass(epoch: number, start: number, skip: number): AsyncGenerator<PlacedDraw, void, undefined> {
    const { seed, shuffle } = this.#options
    const reader = this.#whole === undefined ? this.#blocks(start) : undefined
    let block = this.#whole ?? (await reader?.next()) ?? []
    if (start === 0 && block.length === 0) throw this.#empty()
    if (start === 0 && shuffle && reader?.ended === true) this.#whole = block
    try {
      for (let first = start, offset = skip; block.length > 0; offset = 0) {
        const numbers = block.map((_, index) => index)
        const order = shuffle ? random(seed, 'order', epoch, first).shuffle(numbers) : numbers
        for (; offset < order.length; offset++) {
          await reader?.readAhead()
          const index = order[offset] as number
          const place = { epoch, block: first, offset }
          yield { sample: block[index] as Sample, epoch, ordinal: first + index, place }
        }
        first += block.length
        block = (await reader?.next()) ?? []
      }
    } finally {
      await reader?.close()
    }
  }

  #blocks(start: number): BlockReader {
    return new BlockReader(this.#read(start), this.#options.shuffle ? this.#options.shuffleBytes / 2 : 0)
  }

  #read(skip: number): AsyncIterable<Sample> {
    const { source, onBad } = this.#options
    return source.samples(onBad === undefined ? { skip } : { skip, onBad })
  }

  #empty(): DataError {
    const { name } = this.#options.source
    return new DataError('data/empty-source', `source ${name} has no usable samples`, { source: name })
  }
}

/** Reads blocks of samples of at least `bytes` each; the next one bit by bit while the last is dealt out. */
class BlockReader {
  readonly #samples: AsyncIterator<Sample>
  readonly #bytes: number
  #block: Sample[] = []
  #weight = 0
  ended = false

  constructor(samples: AsyncIterable<Sample>, bytes: number) {
    this.#samples = samples[Symbol.asyncIterator]()
    this.#bytes = bytes
  }

  /** Read one more sample of the next block; false when it is complete. */
  async readAhead(): Promise<boolean> {
    if (this.ended || this.#weight > this.#bytes) return false
    const { done, value } = await this.#samples.next()
    if (done === true) {
      this.ended = true
      return false
    }
    this.#block.push(value)
    this.#weight += 1024 + ('bytes' in value.image ? value.image.bytes.length : 0)
    return true
  }

  /** The next block; empty at the end. */
  async next(): Promise<Sample[]> {
    while (await this.readAhead());
    const block = this.#block
    this.#block = []
    this.#weight = 0
    return block
  }

  async close(): Promise<void> {
    await this.#samples.return?.()
  }
}
