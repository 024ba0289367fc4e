import { createHash } from 'node:crypto'
import { DataError, type HostArray, zeros } from '../core/index.ts'
import { type ArrayKinds, arrayProblem, emptyArrayRows, writeArrays } from './array-rows.ts'
import { outputSize, viewArrays } from './augment/index.ts'
import { type AugmentSpec, augmentSample } from './augment-sample.ts'
import { type CacheMemory, decodeImage, type Fit, ImageCache, type Pixels } from './images/index.ts'
import { emptyLabelRows, type Labels, labelProblem, writeLabels } from './label-rows.ts'
import type { EncodedImage, Origin, Sample } from './sample.ts'
import { type JsonObject, type TextTransform, Tokenizer } from './text/index.ts'

/** How samples become rows of arrays. Plain data: it crosses to worker threads. */
export interface PrepareSpec extends AugmentSpec {
  /** Whether the captions beyond the one that is drawn are tokenized too. */
  readonly allCaptions: boolean
  /** Side of the decoded square. */
  readonly resolution: number
  readonly fit: Fit
  readonly text?: TextSpec
  readonly arrays: ArrayKinds
  readonly cache: CacheMemory
}

/** How a caption becomes token ids. A `Tokenizer` has these two fields. */
export interface TextSpec {
  readonly tokenizer: { readonly json: JsonObject; readonly config: JsonObject }
  /** Tokens of a row, padding included. */
  readonly length: number
  /** Carried out in training only, after the image's transforms. */
  readonly augment?: readonly TextTransform[]
}

/** One sample to prepare. The image may be left out when the cache holds its slot. */
export interface PrepareRow {
  readonly id: string
  readonly image: EncodedImage | undefined
  readonly captions: readonly string[]
  readonly origin: Origin
  readonly concept: string
  readonly labels?: Labels
  readonly arrays?: NonNullable<Sample['arrays']>
  readonly epoch: number
  readonly slot: number
}

/** A sample that could not be used. */
export interface BadSample {
  readonly id: string
  readonly code: DataError['code']
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** What became of the words of a sample. */
export interface PreparedTexts {
  /** The caption of its row, as it was tokenized. */
  readonly caption: string
  /** With `allCaptions` the token ids of its captions beyond the first, [length] each. */
  readonly others: readonly BigInt64Array[]
  /** Captions that were tokenized. */
  readonly read: number
  /** Those of them that were longer than a row. */
  readonly cut: number
}

/** Arrays with one row a sample; the rows of bad samples are zero. */
export interface PreparedRows {
  readonly arrays: Readonly<Record<string, HostArray>>
  /** Of each row. */
  readonly texts: readonly PreparedTexts[]
  readonly bad: readonly (BadSample & { readonly row: number })[]
}

/** Images that libvips decodes, in threads of its own, while another one is augmented. */
const decodeAhead = 4

/** Decodes, augments and tokenizes. */
export class Preparer {
  readonly #spec: PrepareSpec
  readonly #cache: ImageCache
  readonly #tokenizer: Tokenizer | undefined

  constructor(spec: PrepareSpec) {
    this.#spec = spec
    this.#cache = new ImageCache(spec.cache)
    this.#tokenizer = spec.text && Tokenizer.fromJson(spec.text.tokenizer.json, spec.text.tokenizer.config)
  }

  async prepare(rows: readonly PrepareRow[]): Promise<PreparedRows> {
    const arrays = this.#emptyArrays(rows.length)
    const texts = rows.map(() => noTexts)
    const bad: (BadSample & { row: number })[] = []
    const decoding = rows.slice(0, decodeAhead).map((row) => this.#decode(row))
    for (const [index, row] of rows.entries()) {
      const pixels = await decoding.shift()
      const later = rows[index + decodeAhead]
      if (later !== undefined) decoding.push(this.#decode(later))
      if (pixels instanceof DataError) bad.push({ ...badSample(row.id, pixels), row: index })
      else if (pixels !== undefined) texts[index] = this.#fill(arrays, index, row, pixels)
    }
    const { views, labels, further, ...others } = arrays
    return { arrays: { ...others, ...views, ...labels, ...further }, texts, bad }
  }

  #emptyArrays(count: number): PreparedArrays {
    const { text, transforms, resolution, labels, arrays } = this.#spec
    const size = outputSize(transforms, resolution)
    return {
      pixelValues: zeros('float32', [count, 3, size, size]),
      concepts: zeros('int64', [count]),
      views: Object.fromEntries(
        viewArrays(transforms).map(({ name, count: views, size: side }) => [
          name,
          zeros('float32', [count, views, 3, side, side]),
        ]),
      ),
      labels: emptyLabelRows(labels, count),
      further: emptyArrayRows(arrays, count),
      ...(text && {
        inputIds: zeros('int64', [count, text.length]),
        attentionMask: zeros('int64', [count, text.length]),
      }),
    }
  }

  /** The pixels of a row, or why it cannot be used. Does not reject, for it may be awaited late. */
  async #decode(row: PrepareRow): Promise<Pixels | DataError | undefined> {
    const problem = labelProblem(row, this.#spec.labels) ?? arrayProblem(row, this.#spec.arrays)
    if (problem !== undefined) return problem
    const cached = this.#cache.get(row.slot)
    if (cached !== undefined || row.image === undefined) return cached
    try {
      const pixels = await decodeImage({ ...row, image: row.image }, this.#spec)
      this.#cache.set(row.slot, pixels)
      return pixels
    } catch (error) {
      return error as DataError // decodeImage throws nothing else
    }
  }

  /** Write a row. */
  #fill(arrays: PreparedArrays, index: number, row: PrepareRow, pixels: Pixels): PreparedTexts {
    const { text } = this.#spec
    const { colors, caption, views, labels } = augmentSample(row, pixels, this.#spec, text?.augment ?? [])
    arrays.pixelValues.data.set(colors, index * colors.length)
    for (const [name, values] of Object.entries(views)) {
      arrays.views[name]!.data.set(values, index * values.length)
    }
    arrays.concepts.data[index] = conceptNumber(row.concept)
    writeLabels(arrays.labels, index, labels, this.#spec.labels)
    writeArrays(arrays.further, index, row.arrays ?? {})
    return this.#tokenize(arrays, index, caption, this.#spec.allCaptions ? row.captions.slice(1) : [])
  }

  #tokenize(
    { inputIds, attentionMask }: PreparedArrays,
    index: number,
    caption: string,
    otherCaptions: readonly string[],
  ): PreparedTexts {
    const [tokenizer, length] = [this.#tokenizer, this.#spec.text?.length]
    if (!tokenizer || length === undefined || !inputIds || !attentionMask) return { ...noTexts, caption }
    const encoded = [caption, ...otherCaptions].map((text) => tokenizer.encode(text, length))
    inputIds.data.set(encoded[0]!.inputIds.map(BigInt), index * length)
    attentionMask.data.set(encoded[0]!.attentionMask.map(BigInt), index * length)
    return {
      caption,
      others: encoded.slice(1).map((other) => BigInt64Array.from(other.inputIds, BigInt)),
      read: encoded.length,
      cut: encoded.filter(({ tokens }) => tokens > length).length,
    }
  }
}

const noTexts: PreparedTexts = { caption: '', others: [], read: 0, cut: 0 }

interface PreparedArrays {
  readonly pixelValues: HostArray<'float32'>
  readonly concepts: HostArray<'int64'>
  readonly inputIds?: HostArray<'int64'>
  readonly attentionMask?: HostArray<'int64'>
  readonly views: Readonly<Record<string, HostArray<'float32'>>>
  readonly labels: Readonly<Record<string, HostArray<'float32'>>>
  /** Those that the samples bring. */
  readonly further: Readonly<Record<string, HostArray>>
}

const badSample = (id: string, { code, message, facts }: DataError): BadSample => ({
  id,
  code,
  message,
  facts,
})

/** The same number for the same concept in every batch: the first 64 bits of its SHA-256. */
const conceptNumber = (concept: string): bigint =>
  createHash('sha256').update(concept).digest().readBigInt64LE()
