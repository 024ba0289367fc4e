import { DataError } from '../../../core/index.ts'
import type { Source } from '../../source.ts'
import { type Found, placesOf } from '../pass.ts'
import { namedSample } from './parts.ts'
import { countPlaces } from './places.ts'

/** Endless passes over a part of a mixture, one after the other. */
export class Cycle {
  readonly #name: string
  readonly #source: Source
  #places: AsyncGenerator<Found>
  /** Count of whole passes that are over. */
  #passes = 0
  #next: Found | undefined
  /** Flag: a usable sample was found since this pass began, or the pass began in its middle. */
  #useful = true

  private constructor(name: string, source: Source) {
    this.#name = name
    this.#source = source
    this.#places = placesOf(source)
  }

  /** A cycle of which `count` places were taken before. */
  static async after(count: number, name: string, source: Source): Promise<Cycle> {
    const cycle = new Cycle(name, source)
    await cycle.#enter(count)
    return cycle
  }

  /** Flag: every place was taken at least once. */
  get isThrough(): boolean {
    return this.#passes > 0
  }

  /** Take the sample or error at the next place; `advance` must have been called since the last one. */
  take(): Found {
    const found = this.#next!
    this.#next = undefined
    if (found instanceof DataError) return found
    this.#useful = true
    const sample = namedSample(this.#name, found)
    if (this.#passes === 0) return sample
    return { ...sample, id: `${sample.id}#${this.#passes + 1}`, concept: sample.concept ?? sample.id }
  }

  /** Look for the next place, unless it is known. */
  async advance(): Promise<void> {
    this.#next ??= await this.#found()
    if (this.#next !== undefined) return
    if (!this.#useful) throw this.#empty()
    this.#passes++
    this.#begin(0)
    this.#next = await this.#found()
    if (this.#next === undefined) throw this.#empty()
  }

  async close(): Promise<void> {
    await this.#places.return(undefined)
  }

  /** Enter the cycle at a place. Places must be counted only where the size is not known and the first pass is over. */
  async #enter(count: number): Promise<void> {
    let size = this.#source.size
    if (size === undefined) {
      this.#begin(count)
      this.#next = await this.#found()
      if (this.#next !== undefined) return
      size = await countPlaces(this.#source)
    }
    if (size === 0) throw this.#empty()
    this.#passes = Math.floor(count / size)
    this.#begin(count % size)
    await this.advance()
  }

  #begin(place: number): void {
    this.#places = placesOf(this.#source, place)
    this.#useful = place > 0
  }

  async #found(): Promise<Found | undefined> {
    const { done, value } = await this.#places.next()
    return done === true ? undefined : value
  }

  #empty(): DataError {
    const message = `${this.#name}, a part of a mixture, has no usable samples: ${this.#source.name}`
    return new DataError('data/empty-source', message, { part: this.#name, source: this.#source.name })
  }
}
