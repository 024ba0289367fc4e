import { DataError, random } from '../core/index.ts'
import { type DataRecord, DataWatch } from './data-watch.ts'
import type { EncodedImage, Sample } from './sample.ts'
import type { BadSampleReport, Source } from './source.ts'

/**
 * A place in the endless stream of passes over a source: the pass, the current block of the source (the place in the
 * source where it begins), and the count of its samples that came before.
 */
export interface Place {
  readonly epoch: number
  readonly block: number
  readonly offset: number
}

/** One sample at its place in the stream. */
export interface Draw {
  readonly sample: Sample
  readonly epoch: number
  /** Place of the sample in its source, bad samples counted. */
  readonly ordinal: number
}

/** A sample and its place in its source. */
export type Numbered = Pick<Draw, 'sample' | 'ordinal'>

/** A draw with its own place in the stream. */
export interface PlacedDraw extends Draw {
  readonly place: Place
}

export interface OrderOptions {
  readonly source: Source
  readonly seed: number
  /** Shuffling of the samples; false keeps the source's own order. */
  readonly shuffle: boolean
  /** Shuffle images: neighbouring samples of the source that share one stay together. Default false. */
  readonly groupPictures?: boolean
  /** Count of passes; default endless. */
  readonly epochs?: number
  /** Memory for samples to be shuffled, in bytes (encoded images, arrays and 1 KiB for each sample). */
  readonly shuffleBytes: number
  readonly onBad?: BadSampleReport
  /** Go on with other data than that of the checkpoint. Default false. */
  readonly allowChangedData?: boolean
}

/**
 * Order of samples, a function of seed and epoch. A source that fits in `shuffleBytes` is read once and shuffled whole.
 * A larger one is shuffled in blocks that fill half of it; while one is dealt out, the next is read. So reading one
 * block is enough to enter the stream at any place.
 */
export class SampleOrder {
  readonly #options: OrderOptions
  #whole: readonly Numbered[] | undefined
  #watch: DataWatch | undefined

  constructor(options: OrderOptions) {
    this.#options = options
  }

  /**
   * The stream from a place on.
   * @param start Place with the record of the data of an earlier part of the stream.
   * @throws DataError `data/source-changed` from iteration, for other data than that of the record.
   */
  async *draws(start: Place & { readonly data?: DataRecord }): AsyncGenerator<PlacedDraw, void, undefined> {
    const { epochs = Number.POSITIVE_INFINITY, source, shuffle, allowChangedData = false } = this.#options
    if (shuffle) this.#watch = new DataWatch(source, start.data, { allowed: allowChangedData })
    let { epoch, block, offset } = start
    for (; epoch < epochs; epoch++, block = 0, offset = 0) yield* this.#pass(epoch, block, offset)
  }

  /** Changes of the data with which the stream went on. */
  get dataChanges(): readonly string[] {
    return this.#watch?.changes ?? []
  }

  /** The data read up to a place; undefined for a stream that is not shuffled. */
  recordAt(place: Place): DataRecord | undefined {
    return this.#watch?.recordAt(place)
  }

  /** One pass in the source's own order. */
  inOrder(): AsyncIterable<Numbered> {
    return this.#from(0)
  }

  /**
   * The samples at these places of the source; it is read once, from the first of them to the last. Of data that may
   * have changed, places without a sample are undefined.
   */
  async samplesAt(ordinals: readonly number[]): Promise<(Sample | undefined)[]> {
    const wanted = new Map<number, Sample | undefined>(ordinals.map((ordinal) => [ordinal, undefined]))
    let missing = wanted.size
    for await (const { sample, ordinal } of missing > 0 ? this.#from(Math.min(...ordinals)) : []) {
      if (!wanted.has(ordinal)) continue
      wanted.set(ordinal, sample)
      if (--missing === 0) break
    }
    const { allowChangedData = false } = this.#options
    return ordinals.map(
      (ordinal) => wanted.get(ordinal) ?? (allowChangedData ? undefined : this.#changed(ordinal)),
    )
  }

  #changed(ordinal: number): never {
    const { name } = this.#options.source
    throw new DataError(
      'data/source-changed',
      `source ${name} has no sample at place ${ordinal}, which the position names; has the data changed since ` +
        'the checkpoint?',
      { source: name, ordinal },
    )
  }

  async *#pass(epoch: number, start: number, skip: number): AsyncGenerator<PlacedDraw, void, undefined> {
    const { seed, shuffle, groupPictures = false } = this.#options
    const reader = this.#whole === undefined ? this.#blocks(start) : undefined
    let block = this.#whole ?? (await reader?.next()) ?? []
    if (start === 0 && block.length === 0) throw this.#empty()
    if (start === 0 && shuffle && reader?.ended === true) this.#whole = block
    if (start > 0 && block.length === 0) this.#watch?.see(start, [])
    try {
      for (let first = start, offset = skip; block.length > 0; offset = 0) {
        if (reader)
          this.#watch?.see(
            first,
            block.map(({ sample }) => sample.id),
          )
        const stream = random(seed, 'order', epoch, first)
        const order = !shuffle
          ? block
          : groupPictures
            ? stream.shuffle(byPicture(block)).flat()
            : stream.shuffle(block)
        for (; offset < order.length; offset++) {
          if (reader && !reader.ended) await reader.readAhead()
          yield { ...order[offset]!, epoch, place: { epoch, block: first, offset } }
        }
        first = block.at(-1)!.ordinal + 1
        block = (await reader?.next()) ?? []
      }
    } finally {
      await reader?.close()
    }
  }

  #blocks(start: number): BlockReader {
    return new BlockReader(this.#from(start), this.#options.shuffle ? this.#options.shuffleBytes / 2 : 0)
  }

  /** The samples from a place on. */
  async *#from(skip: number): AsyncGenerator<Numbered> {
    if (this.#whole !== undefined) return yield* this.#whole.filter(({ ordinal }) => ordinal >= skip)
    const { source, onBad } = this.#options
    let ordinal = skip
    const report: BadSampleReport = (error) => {
      ordinal++
      onBad?.(error)
    }
    for await (const sample of source.samples({ skip, ...(onBad && { onBad: report }) })) {
      yield { sample, ordinal: ordinal++ }
    }
  }

  #empty(): DataError {
    const { name } = this.#options.source
    return new DataError('data/empty-source', `source ${name} has no usable samples`, { source: name })
  }
}

/** Groups of neighbouring samples that share an image. */
function byPicture(samples: readonly Numbered[]): Numbered[][] {
  const groups: Numbered[][] = []
  for (const numbered of samples) {
    const group = groups.at(-1)
    if (group && samePicture(group[0]!.sample.image, numbered.sample.image)) group.push(numbered)
    else groups.push([numbered])
  }
  return groups
}

/** Test for one shared image: one file, or the very same bytes in memory. */
const samePicture = (a: EncodedImage, b: EncodedImage): boolean =>
  'file' in a
    ? 'file' in b && a.file === b.file && a.frame?.time === b.frame?.time
    : 'bytes' in b && a.bytes === b.bytes

/** Memory that a sample takes while it is held, in bytes. */
const weightOf = ({ image, views = {}, arrays = {} }: Sample): number =>
  [image, ...Object.values(views)].reduce(
    (sum, picture) => sum + ('bytes' in picture ? picture.bytes.length : 0),
    Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength, 1024),
  )

/**
 * Reader of blocks of samples of at least `bytes` each; it reads the next one gradually while the last is dealt out.
 */
class BlockReader {
  readonly #samples: AsyncIterator<Numbered>
  readonly #bytes: number
  #block: Numbered[] = []
  #weight = 0
  ended = false

  constructor(samples: AsyncIterable<Numbered>, bytes: number) {
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
    this.#weight += weightOf(value.sample)
    return true
  }

  /** The next block; empty at the end. */
  async next(): Promise<Numbered[]> {
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
