import { relative } from 'node:path'
import { DataError } from '../../core/index.ts'
import { dot } from '../unit-rows.ts'
import type { Gallery } from './gallery.ts'
import type { ModelPool } from './model/model-pool.ts'

/** Number of images of a gallery that are encoded at once. */
const together = 64

/** An image that a search found, and its cosine similarity to what was looked for, in [−1, 1]. */
export interface FoundImage {
  /** Path from the folder of the gallery. */
  readonly file: string
  readonly similarity: number
}

/** Unit vectors of the images of a gallery. */
export class SearchIndex {
  readonly #names: readonly string[]
  readonly #vectors: readonly Float32Array[]

  private constructor(names: readonly string[], vectors: readonly Float32Array[]) {
    this.#names = names
    this.#vectors = vectors
  }

  /**
   * Encode the images of a gallery.
   * @param note Receiver of a sentence on the images that cannot be read, which are left out.
   */
  static async of(gallery: Gallery, pool: ModelPool, note: (text: string) => void): Promise<SearchIndex> {
    const { directory, files } = gallery
    const [names, vectors, unreadable]: [string[], Float32Array[], string[]] = [[], [], []]
    for (let first = 0; first < files.length; first += together) {
      const part = files.slice(first, first + together)
      const outcomes = await pool.submit(
        'image',
        part.map((file) => ({ file })),
      )
      for (const [i, outcome] of outcomes.entries()) {
        if ('answer' in outcome) {
          names.push(relative(directory, part[i]!).replaceAll('\\', '/'))
          vectors.push(outcome.answer as Float32Array)
        } else if (outcome.error instanceof DataError) unreadable.push(part[i]!)
        else throw outcome.error
      }
    }
    if (unreadable.length > 0) note(`left out, because they cannot be read: ${unreadable.join(', ')}`)
    return new SearchIndex(names, vectors)
  }

  get size(): number {
    return this.#names.length
  }

  /** The images that are nearest to a unit vector, the best first; equally near ones in the order of the gallery. */
  nearest(query: Float32Array, top: number): FoundImage[] {
    const similarities = this.#vectors.map((vector) => dot(vector, query))
    const order = Array.from(similarities.keys()).sort((a, b) => similarities[b]! - similarities[a]! || a - b)
    return order.slice(0, top).map((i) => ({ file: this.#names[i]!, similarity: similarities[i]! }))
  }
}
