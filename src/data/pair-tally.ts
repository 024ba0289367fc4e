/**
 * Tally of image–text pairs that tells if all of them match each other. An image and a text match if some pair has the
 * concept of the image and this text.
 */
export class PairTally {
  readonly #concepts = new Set<string>()
  readonly #texts = new Set<string>()
  readonly #pairs = new Set<string>()

  add(concept: string, text: string): void {
    this.#concepts.add(concept)
    this.#texts.add(text)
    this.#pairs.add(JSON.stringify([concept, text]))
  }

  get count(): { readonly concepts: number; readonly texts: number } {
    return { concepts: this.#concepts.size, texts: this.#texts.size }
  }

  /** True when there is nothing to tell apart. */
  get allMatch(): boolean {
    return this.#pairs.size === this.#concepts.size * this.#texts.size
  }
}
