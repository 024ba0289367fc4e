/** Sums over an output of two models. */
interface Sums {
  signal: number
  noise: number
  product: number
  other: number
}

/** The difference of a model's outputs from those of another, over all samples that were added. */
export class OutputError {
  readonly #sums = new Map<string, Sums>()

  /** Add the outputs of a batch by name, of graphs by their names. */
  add(
    graph: string,
    exact: Readonly<Record<string, Float32Array>>,
    changed: Readonly<Record<string, Float32Array>>,
  ): void {
    for (const [name, values] of Object.entries(exact)) {
      const key = `${graph}/${name}`
      const sums = this.#sums.get(key) ?? { signal: 0, noise: 0, product: 0, other: 0 }
      const others = changed[name]!
      for (let i = 0; i < values.length; i++) {
        const [y, z] = [values[i]!, others[i]!]
        sums.signal += y * y
        sums.noise += (z - y) ** 2
        sums.product += y * z
        sums.other += z * z
      }
      this.#sums.set(key, sums)
    }
  }

  /** Figure of the worst output, in decibels. */
  get signalToNoise(): number {
    return Math.min(
      ...Array.from(this.#sums.values(), ({ signal, noise }) => 10 * Math.log10(signal / noise)),
    )
  }

  /** Figure of the worst output. */
  get cosine(): number {
    return Math.min(
      ...Array.from(
        this.#sums.values(),
        ({ signal, other, product }) => product / Math.sqrt(signal * other || 1),
      ),
    )
  }
}
