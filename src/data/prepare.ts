import { createHash } from 'node:crypto'
import { DataError, type HostArray, zeros } from '../core/index.ts'
import { type ArrayKinds, arrayProblem, emptyArrayRows, writeArrays } from './array-rows.ts'
import { outputSize, viewArrays } from './augment/index.ts'
import { type AugmentSpec, augmentSample, augmentView, furtherCaptions } from './augment-sample.ts'
import {
  type DecodedSample,
  type EyeSpecs,
  SampleDecoder,
  type Square,
  type ViewMemory,
} from './decode-sample.ts'
import { emptyLabelRows, type Labels, labelProblem, writeLabels } from './label-rows.ts'
import type { EncodedImage, Origin, Sample } from './sample.ts'
import { badSample as badRow, samplePlace } from './sources/bad-sample.ts'
import { noTexts, type PreparedTexts, TextRows, type TextSpecs } from './text-rows.ts'

/** Preparation of samples to rows of arrays. Plain data: it crosses to worker threads. */
export interface PrepareSpec extends AugmentSpec {
  /** Tokenization of further captions beside the drawn one. */
  readonly allCaptions: boolean
  /** Square to which images are decoded for the main eye. */
  readonly square: Square
  readonly eyes: EyeSpecs
  /** Further cameras, in their order, with the memory of their pictures. */
  readonly views: ViewMemory
  readonly texts: TextSpecs
  readonly arrays: ArrayKinds
}

/** One sample to prepare. The image may be absent when the cache holds its slot. */
export interface PrepareRow {
  readonly id: string
  readonly image: EncodedImage | undefined
  /** Pictures of further cameras, which may be absent as the image. */
  readonly views?: NonNullable<Sample['views']>
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

/** Arrays with one row a sample; the rows of bad samples are zero. */
export interface PreparedRows {
  readonly arrays: Readonly<Record<string, HostArray>>
  /** Texts of each row. */
  readonly texts: readonly PreparedTexts[]
  readonly bad: readonly (BadSample & { readonly row: number })[]
}

/** Count of images that libvips decodes, in threads of its own, while another one is augmented. */
const decodeAhead = 4

/** Preparer of samples: it decodes, augments and tokenizes. */
export class Preparer {
  readonly #spec: PrepareSpec
  readonly #decoder: SampleDecoder
  readonly #texts: TextRows

  constructor(spec: PrepareSpec) {
    this.#spec = spec
    this.#decoder = new SampleDecoder(spec.square, spec.eyes, spec.views)
    this.#texts = new TextRows(spec.texts)
  }

  async prepare(rows: readonly PrepareRow[]): Promise<PreparedRows> {
    const arrays = this.#emptyArrays(rows.length)
    const texts = rows.map(() => noTexts)
    const bad: (BadSample & { row: number })[] = []
    const decoding = rows.slice(0, decodeAhead).map((row) => this.#decode(row))
    for (const [index, row] of rows.entries()) {
      const decoded = await decoding.shift()!
      const later = rows[index + decodeAhead]
      if (later !== undefined) decoding.push(this.#decode(later))
      if (decoded instanceof DataError) bad.push({ ...badSample(row.id, decoded), row: index })
      else texts[index] = this.#fill(arrays, index, row, decoded)
    }
    const { texts: tokens, images, labels, further, ...main } = arrays
    return { arrays: { ...main, ...tokens, ...images, ...labels, ...further }, texts, bad }
  }

  #emptyArrays(count: number): PreparedArrays {
    const { transforms, square, labels, arrays, eyes } = this.#spec
    const cameras = 1 + Object.keys(this.#spec.views).length
    const planes = (size: number, ...views: number[]) => zeros('float32', [count, ...views, 3, size, size])
    return {
      pixelValues: planes(outputSize(transforms, square.resolution), ...(cameras > 1 ? [cameras] : [])),
      concepts: zeros('int64', [count]),
      texts: this.#texts.empty(count),
      images: Object.fromEntries([
        ...viewArrays(transforms).map(({ name, count: views, size }) => [name, planes(size, views)] as const),
        ...Object.entries(eyes).map(([name, { size }]) => [name, planes(size)] as const),
      ]),
      labels: emptyLabelRows(labels, count),
      further: emptyArrayRows(arrays, count),
    }
  }

  /** Pixels of a row, or the reason for which it cannot be used. */
  async #decode(row: PrepareRow): Promise<DecodedSample | DataError> {
    const { labels, arrays } = this.#spec
    return (
      labelProblem(row, labels) ??
      arrayProblem(row, arrays) ??
      viewProblem(row, Object.keys(this.#spec.views)) ??
      this.#decoder.decode(row)
    )
  }

  /** Write a row. */
  #fill(arrays: PreparedArrays, index: number, row: PrepareRow, decoded: DecodedSample): PreparedTexts {
    const { labels: kinds, allCaptions } = this.#spec
    const { colors, caption, views, eyes, labels } = augmentSample(row, decoded, this.#spec)
    const first = index * (1 + decoded.views.length)
    arrays.pixelValues.data.set(colors, first * colors.length)
    for (const [place, camera] of Object.keys(this.#spec.views).entries()) {
      const view = augmentView(row, camera, decoded.views[place]!, this.#spec)
      arrays.pixelValues.data.set(view, (first + 1 + place) * colors.length)
    }
    for (const [name, planes] of Object.entries({ ...views, ...eyes }))
      arrays.images[name]!.data.set(planes, index * planes.length)
    arrays.concepts.data[index] = conceptNumber(row.concept)
    writeLabels(arrays.labels, index, labels, kinds)
    writeArrays(arrays.further, index, row.arrays ?? {})
    return this.#texts.write(
      arrays.texts,
      index,
      caption,
      allCaptions ? furtherCaptions(row, this.#spec) : [],
    )
  }
}

/** Problem of a sample without the picture of a camera that its source names, or of one that has others. */
function viewProblem({ id, origin, image, views }: PrepareRow, cameras: readonly string[]) {
  if (image === undefined) return undefined // all are decoded already
  const given = Object.keys(views ?? {})
  const camera =
    cameras.find((name) => !given.includes(name)) ?? given.find((name) => !cameras.includes(name))
  if (camera === undefined) return undefined
  const problem = cameras.includes(camera)
    ? `it has no picture of camera "${camera}"`
    : `its picture of camera "${camera}" is of none that its source names`
  const facts = { sample: id, ...origin, camera }
  return badRow('data/missing-image', samplePlace({ id, origin }), problem, facts)
}

/** Arrays by row; those of one kind by their names. */
interface PreparedArrays {
  readonly pixelValues: HostArray<'float32'>
  readonly concepts: HostArray<'int64'>
  readonly texts: Readonly<Record<string, HostArray<'int64'>>>
  /** Further views and further eyes. */
  readonly images: Readonly<Record<string, HostArray<'float32'>>>
  readonly labels: Readonly<Record<string, HostArray<'float32'>>>
  /** Arrays of the samples, beyond the loader's own. */
  readonly further: Readonly<Record<string, HostArray>>
}

const badSample = (id: string, { code, message, facts }: DataError): BadSample => ({
  id,
  code,
  message,
  facts,
})

/** Number of a concept, the same in every batch: the first 64 bits of its SHA-256. */
const conceptNumber = (concept: string): bigint =>
  createHash('sha256').update(concept).digest().readBigInt64LE()
