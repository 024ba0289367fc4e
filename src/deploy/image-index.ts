import { existsSync, statSync } from 'node:fs'
import { relative } from 'node:path'
import { CheckpointError, float32, hostArray, readSafetensors, writeSafetensors } from '../core/index.ts'
import type { DualEncoderRuntime } from './dual-encoder-runtime.ts'

/** Mark of the files of indices. */
const format = 'visuomotor-image-index'

/**
 * A picture by whose features an index knows its model again, whatever folder the model lies in: not square, with edges,
 * colours and transparency, so that weights and preparation of images both show.
 */
const probe = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="97" height="61"><rect width="60" height="61" fill="#c33"/>' +
    '<circle cx="60" cy="30" r="28" fill="#27c"/><path d="M0 0L97 61" stroke="#fc0" stroke-width="5"/></svg>',
)

/** Largest difference of a number in the probe's features for one model: that of devices and versions. */
const tolerance = 1e-4

/** Size and time of change of an image's file: another one is another image. */
interface Stamp {
  readonly size: number
  readonly changed: number
}

interface Entry extends Stamp {
  readonly features: Float32Array
}

/** Finding of `ImageIndex.open`: no file yet, an index of this model, or one of another model, which is not used. */
export type IndexState = 'new' | 'kept' | 'of another model'

/**
 * Features of the images of a folder, kept in a file, so that a search encodes anew only what changed. An image is the one
 * of the index while size and time of change of its file are the same; its name is its path from the folder.
 */
export class ImageIndex {
  readonly file: string
  readonly state: IndexState
  readonly #directory: string
  readonly #probe: Float32Array
  readonly #entries: Map<string, Entry>
  /** Flag: entries differ from the file. */
  #isChanged = false

  private constructor(file: string, directory: string, probe: Float32Array, kept: Kept | undefined) {
    this.file = file
    this.#directory = directory
    this.#probe = probe
    const isSame = kept !== undefined && sameFeatures(kept.probe, probe)
    this.state = kept === undefined ? 'new' : isSame ? 'kept' : 'of another model'
    this.#entries = isSame ? kept.entries : new Map()
  }

  /**
   * Open an index, or begin one where there is no file.
   * @param directory The folder of the images.
   * @throws CheckpointError `index/not-an-index` for a file that is something else.
   */
  static async open(file: string, directory: string, runtime: DualEncoderRuntime): Promise<ImageIndex> {
    const kept = existsSync(file) ? read(file) : undefined
    return new ImageIndex(file, directory, await runtime.embedImages([{ bytes: probe }]), kept)
  }

  /** Features of an image; undefined where it is new or changed. */
  features(image: string): Float32Array | undefined {
    const entry = this.#entries.get(this.#nameOf(image))
    const stamp = stampOf(image)
    const isSame = entry !== undefined && entry.size === stamp?.size && entry.changed === stamp.changed
    return isSame ? entry.features : undefined
  }

  /** Keep the features of an image. @param features A unit vector, which is copied. */
  add(image: string, features: Float32Array): void {
    const stamp = stampOf(image)
    if (stamp) this.#entries.set(this.#nameOf(image), { ...stamp, features: features.slice() })
    this.#isChanged = true
  }

  /** Forget all images but these. @returns How many were forgotten. */
  retain(images: readonly string[]): number {
    const names = new Set(images.map((image) => this.#nameOf(image)))
    const gone = [...this.#entries.keys()].filter((name) => !names.has(name))
    for (const name of gone) this.#entries.delete(name)
    this.#isChanged ||= gone.length > 0
    return gone.length
  }

  /** Write what changed. @throws FileError of `writeFileAtomic`. */
  save(): void {
    if (!this.#isChanged) return
    const [width, count] = [this.#probe.length, this.#entries.size]
    const features = new Float32Array(count * width)
    const images = [...this.#entries].map(([name, { size, changed, features: row }], i) => {
      features.set(row, i * width)
      return [name, size, changed]
    })
    const names = new Uint8Array(Buffer.from(JSON.stringify(images)))
    const tensors = [
      ['features', float32([count, width], features)],
      ['images', hostArray('uint8', [names.length], names)],
      ['probe', float32([width], this.#probe)],
    ] as const
    writeSafetensors(this.file, tensors, { format })
    this.#isChanged = false
  }

  #nameOf = (image: string): string => relative(this.#directory, image).replaceAll('\\', '/')
}

/** Content of the file of an index. */
interface Kept {
  readonly probe: Float32Array
  readonly entries: Map<string, Entry>
}

function read(file: string): Kept {
  try {
    const { tensors, metadata } = readSafetensors(file)
    const [features, images, probe] = ['features', 'images', 'probe'].map((name) => tensors.get(name)?.data)
    const isIndex =
      metadata.format === format && features instanceof Float32Array && images instanceof Uint8Array
    if (!isIndex || !(probe instanceof Float32Array)) throw new Error(`it is not marked as ${format}`)
    const rows = JSON.parse(Buffer.from(images).toString()) as [string, number, number][]
    const entries = rows.map(([name, size, changed], i) => {
      const row = features.subarray(i * probe.length, (i + 1) * probe.length)
      return [name, { size, changed, features: row }] as const
    })
    return { probe, entries: new Map(entries) }
  } catch (cause) {
    throw new CheckpointError(
      'index/not-an-index',
      `${file} is not an index of images: ${(cause as Error).message}. Name another file, or delete it`,
      { file },
      { cause },
    )
  }
}

function stampOf(image: string): Stamp | undefined {
  const found = statSync(image, { throwIfNoEntry: false })
  return found && { size: found.size, changed: found.mtimeMs }
}

const sameFeatures = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((x, i) => Math.abs(x - b[i]!) <= tolerance)
