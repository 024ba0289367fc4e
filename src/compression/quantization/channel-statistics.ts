import type { Random } from '../../core/index.ts'

/** Rows kept of each point, on which errors are reckoned. */
const keptRows = 64

/** Least and greatest number of each channel, and a fair sample of rows. */
export class ChannelStatistics {
  readonly low: Float32Array
  readonly high: Float32Array
  readonly #width: number
  readonly #rows: Float32Array
  readonly #stream: Random
  #seen = 0

  constructor(width: number, stream: Random) {
    this.#width = width
    this.#stream = stream
    this.low = new Float32Array(width).fill(Number.POSITIVE_INFINITY)
    this.high = new Float32Array(width).fill(Number.NEGATIVE_INFINITY)
    this.#rows = new Float32Array(width * keptRows)
  }

  /** The sample of rows [rows, width]. */
  get rows(): Float32Array {
    return this.#rows.subarray(0, Math.min(this.#seen, keptRows) * this.#width)
  }

  /** Add rows [rows, width]. */
  add(values: Float32Array): void {
    const { low, high } = this
    const width = this.#width
    for (let start = 0; start < values.length; start += width) {
      for (let i = 0; i < width; i++) {
        const value = values[start + i]!
        if (value < low[i]!) low[i] = value
        if (value > high[i]!) high[i] = value
      }
      this.#keep(values.subarray(start, start + width))
    }
  }

  /** Reservoir sampling: each row that was seen is kept with the same probability. */
  #keep(row: Float32Array): void {
    const place = this.#seen < keptRows ? this.#seen : this.#stream.integer(this.#seen + 1)
    if (place < keptRows) this.#rows.set(row, place * this.#width)
    this.#seen++
  }
}
