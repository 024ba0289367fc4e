import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { DataError } from '../../core/index.ts'
import {
  decodeImage,
  encodedPicture,
  mostPixels,
  type PerceptualHash,
  perceptualHash,
  perceptualHashSide,
} from '../images/index.ts'
import { type LabelKinds, labelProblem } from '../label-rows.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { type Duplicates, ExactDuplicates, NearDuplicates } from './duplicates.ts'
import { type Distribution, distributionOf, Tally } from './tally.ts'

/** Contents of a data set. Distributions are missing where there are no samples. */
export interface SourceInspection {
  readonly source: string
  /** Samples that can be used. */
  readonly samples: number
  readonly captions: {
    readonly count: number
    readonly perSample: Distribution | undefined
    readonly words: Distribution | undefined
    readonly characters: Distribution | undefined
  }
  readonly images: {
    /** Width and, below, height of the images as shown, EXIF orientation applied, in pixels. */
    readonly width: Distribution | undefined
    readonly height: Distribution | undefined
    /** Size of the encoded images, in bytes. */
    readonly bytes: Distribution | undefined
    readonly formats: Readonly<Record<string, number>>
    /** The most frequent sizes. */
    readonly sizes: readonly { readonly width: number; readonly height: number; readonly count: number }[]
  }
  /** Samples that have each label. */
  readonly labels: Readonly<Record<string, number>>
  readonly duplicates: { readonly exact: Duplicates; readonly near: Duplicates }
  readonly unreadable: {
    readonly count: number
    readonly codes: Readonly<Record<string, number>>
    /** First example of each code. */
    readonly examples: readonly { readonly code: string; readonly message: string }[]
  }
}

/** Counts of sizes, and of unreadable samples of each code, that are listed. */
const listed = { sizes: 10, unreadable: 5 }
/** Images that are decoded at once, in libvips' own threads. */
const decodedAhead = 8

/**
 * Read a source once and decode every image. Beside counts, a digest of each image is kept, some 200 bytes.
 * @param onSample Callback after each sample, good or bad.
 */
export async function inspectSource(source: Source, onSample = (): void => {}): Promise<SourceInspection> {
  const inspection = new Inspection(source)
  const looks: Promise<Look | DataError>[] = []
  const finish = async (): Promise<void> => {
    inspection.add(await looks.shift()!)
    onSample()
  }
  for await (const sample of source.samples({ onBad: (error) => inspection.add(error) })) {
    looks.push(lookAt(sample, source.labels ?? {}))
    if (looks.length === decodedAhead) await finish()
  }
  while (looks.length > 0) await finish()
  return inspection.report()
}

/** Findings about one sample. */
interface Look {
  readonly sample: Sample
  readonly bytes: Uint8Array
  readonly format: string
  readonly width: number
  readonly height: number
  readonly hash: PerceptualHash
}

/** Look at one sample. The promise does not reject for a bad sample, since it is awaited late. */
async function lookAt(sample: Sample, labels: LabelKinds): Promise<Look | DataError> {
  const problem = labelProblem(sample, labels)
  if (problem) return problem
  try {
    const square = { resolution: perceptualHashSide, fit: 'fill' } as const
    const hash = perceptualHash(await decodeImage(sample, square))
    const picture = await encodedPicture(sample.image)
    const bytes = typeof picture === 'string' ? await readFile(picture) : picture
    const { format, autoOrient } = await sharp(bytes, { limitInputPixels: mostPixels }).metadata()
    return { sample, bytes, format, ...autoOrient, hash }
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}

class Inspection {
  readonly #source: Source
  readonly #perSample = new Tally<number>()
  readonly #words = new Tally<number>()
  readonly #characters = new Tally<number>()
  readonly #widths = new Tally<number>()
  readonly #heights = new Tally<number>()
  readonly #sizes = new Tally<string>()
  readonly #bytes = new Tally<number>()
  readonly #formats = new Tally<string>()
  readonly #labels = new Tally<string>()
  readonly #exact = new ExactDuplicates()
  readonly #near = new NearDuplicates()
  readonly #unreadable: DataError[] = []
  readonly #codes = new Tally<string>()

  constructor(source: Source) {
    this.#source = source
  }

  add(found: Look | DataError): void {
    if (found instanceof DataError) {
      this.#codes.add(found.code)
      if (this.#codes.counts.get(found.code)! <= listed.unreadable) this.#unreadable.push(found)
      return
    }
    const { sample, bytes, format, width, height, hash } = found
    this.#addWords(sample)
    this.#widths.add(width)
    this.#heights.add(height)
    this.#sizes.add(`${width}×${height}`)
    this.#bytes.add(bytes.length)
    this.#formats.add(format)
    if (!this.#exact.add(sample.id, bytes)) this.#near.add(sample.id, hash)
  }

  #addWords({ captions, labels = {} }: Sample): void {
    this.#perSample.add(captions.length)
    for (const caption of captions) {
      this.#words.add(caption.split(/\s+/).filter((word) => word !== '').length)
      this.#characters.add([...caption].length)
    }
    for (const name of Object.keys(labels)) this.#labels.add(name)
  }

  report(): SourceInspection {
    const absent = Object.keys(this.#source.labels ?? {}).map((name) => [name, 0] as const)
    return {
      source: this.#source.name,
      samples: this.#perSample.total,
      captions: {
        count: this.#words.total,
        perSample: distributionOf(this.#perSample),
        words: distributionOf(this.#words),
        characters: distributionOf(this.#characters),
      },
      images: {
        width: distributionOf(this.#widths),
        height: distributionOf(this.#heights),
        bytes: distributionOf(this.#bytes),
        formats: Object.fromEntries(this.#formats.mostFrequent()),
        sizes: this.#sizes.mostFrequent().slice(0, listed.sizes).map(sizeOf),
      },
      labels: { ...Object.fromEntries(absent), ...Object.fromEntries(this.#labels.counts) },
      duplicates: { exact: this.#exact.report(), near: this.#near.report() },
      unreadable: {
        count: this.#codes.total,
        codes: Object.fromEntries(this.#codes.mostFrequent()),
        examples: this.#unreadable.map(({ code, message }) => ({ code, message })),
      },
    }
  }
}

function sizeOf([size, count]: [string, number]): { width: number; height: number; count: number } {
  const [width = 0, height = 0] = size.split('×').map(Number)
  return { width, height, count }
}
