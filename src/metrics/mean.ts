/** The mean; NaN without values, and if any value is NaN. */
export const mean = (values: Float32Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The middle value, or the mean of the two in the middle; NaN counts as larger than any number. */
export function median(values: Float32Array): number {
  const sorted = values.slice().sort()
  const half = sorted.length / 2
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2
}

/** Fraction of the values for which `holds` is true, in [0, 1]. */
export const fraction = (values: Float32Array, holds: (value: number, index: number) => boolean): number =>
  values.reduce((count, value, index) => count + (holds(value, index) ? 1 : 0), 0) / values.length
