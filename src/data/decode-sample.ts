import type { DataError } from '../core/index.ts'
import type { Eye } from './augment/index.ts'
import { type CacheMemory, type DecodeOptions, decodeImage, ImageCache, type Pixels } from './images/index.ts'
import type { PrepareRow } from './prepare.ts'
import type { EncodedImage } from './sample.ts'

/** A square that images are decoded to, and the memory that keeps them. */
export interface Square extends DecodeOptions {
  readonly cache: CacheMemory
}

type KeptSquare = Square & { readonly kept: ImageCache }

/** Memory that keeps the pictures of further cameras, by their names in their order. */
export type ViewMemory = Readonly<Record<string, CacheMemory>>

/** A further eye; without a `square` it looks at the pixels that are decoded for the main one. */
export interface EyeSpec extends Eye {
  readonly square?: Square
}

/** Further eyes by the names of their arrays: `teacher.pixelValues`. */
export type EyeSpecs = Readonly<Record<string, EyeSpec>>

/** Pixels of a sample for the main eye, and for each further one by its name. */
export interface DecodedSample {
  readonly pixels: Pixels
  /** Pixels of further cameras, in their order. */
  readonly views: readonly Pixels[]
  readonly eyes: Readonly<Record<string, Pixels>>
}

/**
 * Decoder of images to the squares of all eyes. It keeps them in their caches: a sample has one slot in all of them.
 */
export class SampleDecoder {
  readonly #squares: readonly KeptSquare[]
  /** Index of the square of each further eye, with the eye's name. */
  readonly #eyes: readonly (readonly [name: string, square: number])[]
  /** Further cameras with the memory of each. */
  readonly #views: readonly { readonly name: string; readonly square: KeptSquare }[]
  /** Slots that every cache has. */
  readonly slots: number

  constructor(main: Square, eyes: EyeSpecs, views: ViewMemory = {}) {
    const squares = [main]
    this.#eyes = Object.entries(eyes).map(([name, { square }]) => [
      name,
      square ? squares.push(square) - 1 : 0,
    ])
    const withCache = (square: Square): KeptSquare => ({ ...square, kept: new ImageCache(square.cache) })
    this.#squares = squares.map(withCache)
    this.#views = Object.entries(views).map(([name, cache]) => ({
      name,
      square: withCache({ ...main, cache }),
    }))
    this.slots = Math.min(...this.#all.map(({ kept }) => kept.slots))
  }

  /** Test for a sample that is decoded already. */
  has(slot: number): boolean {
    return this.#all.every(({ kept }) => kept.has(slot))
  }

  get #all(): readonly KeptSquare[] {
    return [...this.#squares, ...this.#views.map(({ square }) => square)]
  }

  /** Kept pixels or new ones. The promise does not reject, since it may be awaited late. */
  async decode(row: PrepareRow): Promise<DecodedSample | DataError> {
    try {
      const pixels = await Promise.all(this.#squares.map((square) => pixelsOf(row, row.image, square)))
      const views = await Promise.all(
        this.#views.map(({ name, square }) => pixelsOf(row, row.views?.[name], square)),
      )
      const eyes = this.#eyes.map(([name, square]) => [name, pixels[square]!] as const)
      return { pixels: pixels[0]!, views, eyes: Object.fromEntries(eyes) }
    } catch (error) {
      return error as DataError // decodeImage throws nothing else
    }
  }
}

async function pixelsOf(
  row: PrepareRow,
  image: EncodedImage | undefined,
  square: KeptSquare,
): Promise<Pixels> {
  const kept = square.kept.get(row.slot)
  if (kept !== undefined) return kept
  const pixels = await decodeImage({ ...row, image: image! }, square) // left out only where all caches have it
  square.kept.set(row.slot, pixels)
  return pixels
}
