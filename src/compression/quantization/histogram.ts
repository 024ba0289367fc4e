import type { Range } from './activation-codes.ts'

/** Counts of numbers in bins of equal width between two numbers. */
export class Histogram {
  readonly counts: Float64Array
  readonly range: Range
  readonly #perNumber: number

  constructor(range: Range, bins = 2048) {
    this.range = range
    this.counts = new Float64Array(bins)
    this.#perNumber = range.high > range.low ? bins / (range.high - range.low) : 0
  }

  add(value: number): void {
    const bin = Math.floor((value - this.range.low) * this.#perNumber)
    const place = Math.min(Math.max(bin, 0), this.counts.length - 1)
    this.counts[place] = this.counts[place]! + 1
  }

  /** The number below which a share of all numbers lies, within a bin in proportion. */
  quantile(share: number): number {
    const { low, high } = this.range
    const total = this.counts.reduce((sum, count) => sum + count, 0)
    const width = (high - low) / this.counts.length
    let below = 0
    for (const [bin, count] of this.counts.entries()) {
      if (count > 0 && below + count >= share * total)
        return low + width * (bin + Math.max(share * total - below, 0) / count)
      below += count
    }
    return high
  }
}
