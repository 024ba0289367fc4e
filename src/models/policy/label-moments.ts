/** Sums over the values of a label, sample by sample. */
export class LabelMoments {
  count = 0
  readonly #sums: number[] = []
  readonly #squares: number[] = []

  add(values: readonly number[]): void {
    this.count++
    for (const [i, value] of values.entries()) {
      this.#sums[i] = (this.#sums[i] ?? 0) + value
      this.#squares[i] = (this.#squares[i] ?? 0) + value * value
    }
  }

  /** Mean of each value. */
  get mean(): number[] {
    return this.#sums.map((sum) => sum / this.count)
  }

  /** Root of the mean variance of the first `width` values, default all; 0 where they never differ. */
  spread(width = this.#sums.length): number {
    const variances = this.mean
      .slice(0, width)
      .map((mean, i) => (this.#squares[i] ?? 0) / this.count - mean * mean)
    const variance = variances.reduce((sum, value) => sum + value, 0) / width
    return variance > 1e-12 ? Math.sqrt(variance) : 0
  }
}
