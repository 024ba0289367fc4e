/** Distribution of a quantity over a data set. */
export interface Distribution {
  readonly least: number
  readonly p5: number
  readonly median: number
  readonly p95: number
  readonly most: number
  readonly mean: number
}

/** Counter of values: exact quantiles in the memory of the distinct values. */
export class Tally<Value extends string | number> {
  readonly counts = new Map<Value, number>()
  #total = 0

  add(value: Value): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + 1)
    this.#total++
  }

  get total(): number {
    return this.#total
  }

  /** Values in order of frequency, most frequent first; of equally frequent ones the first that came. */
  mostFrequent(): [value: Value, count: number][] {
    return [...this.counts].sort((a, b) => b[1] - a[1])
  }
}

/** @returns undefined for a tally of nothing. */
export function distributionOf(tally: Tally<number>): Distribution | undefined {
  if (tally.total === 0) return undefined
  const values = [...tally.counts].sort((a, b) => a[0] - b[0])
  const upTo: number[] = []
  for (const [, count] of values) upTo.push((upTo.at(-1) ?? 0) + count)
  /** The smallest value that a fraction of all does not exceed. */
  const quantile = (fraction: number): number =>
    values[upTo.findIndex((count) => count >= fraction * tally.total)]![0]
  const sum = values.reduce((total, [value, count]) => total + value * count, 0)
  return {
    least: values[0]![0],
    p5: quantile(0.05),
    median: quantile(0.5),
    p95: quantile(0.95),
    most: values.at(-1)![0],
    mean: sum / tally.total,
  }
}
