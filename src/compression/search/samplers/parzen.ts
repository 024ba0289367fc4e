import type { Random } from '../../../core/index.ts'
import {
  type Choice,
  codeOf,
  type NumberRange,
  type Parameter,
  scaleOf,
  stepsOf,
  type Value,
  valueAt,
} from '../parameter.ts'

/** Density of one parameter around each observation, and around the prior, which is the last. */
export interface Kernels {
  readonly count: number
  /** A value drawn from a kernel. */
  draw(kernel: number, stream: Random): Value
  /** Add to each element the logarithm of the density, or probability, of a value under that kernel. */
  addLogDensities(value: Value, logs: Float64Array): void
}

/** The kernels of one parameter. @param observed Codes of the observed values, in the order of the trials. */
export const kernelsOf = (parameter: Parameter, observed: readonly number[]): Kernels =>
  parameter.kind === 'choice' ? choiceKernels(parameter, observed) : rangeKernels(parameter, observed)

/** Each observation counts one for its value, spread by a prior that all values share: (1 + 1/n) for its own, 1/n for others. */
function choiceKernels(parameter: Choice, observed: readonly number[]): Kernels {
  const { values } = parameter
  const count = observed.length + 1
  const rows = Array.from({ length: count }, (_, kernel) => {
    const weights = values.map((_, i) => 1 / count + (observed[kernel] === i ? 1 : 0))
    const sum = weights.reduce((a, b) => a + b)
    return weights.map((weight) => weight / sum)
  })
  return {
    count,
    draw: (kernel, stream) => values[pickBy(rows[kernel]!, stream)]!,
    addLogDensities(value, logs) {
      const code = codeOf(parameter, value)!
      for (let i = 0; i < count; i++) logs[i]! += Math.log(rows[i]![code]!)
    },
  }
}

/** Index drawn with the given weights, which sum to 1. */
export function pickBy(weights: ArrayLike<number>, stream: Random): number {
  let left = stream.uniform()
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i]!
    if (left < 0) return i
  }
  return weights.length - 1
}

/** Normal kernels cut off at the ends of the range; with steps, their mass in the cell of each step. */
function rangeKernels(parameter: NumberRange, observed: readonly number[]): Kernels {
  const { low, high, to, from } = scaleOf(parameter)
  const means = [...observed.map(to), (low + high) / 2]
  const widths = [...deviations(means.slice(0, -1), low, high), high - low]
  const masses = means.map((mean, i) => massBetween(low, high, mean, widths[i]!))
  const hasSteps = stepsOf(parameter) !== undefined
  const half = (parameter.step ?? 0) / 2
  return {
    count: means.length,
    draw(kernel, stream) {
      for (;;) {
        const position = stream.normal(means[kernel]!, widths[kernel]!)
        if (position >= low && position <= high) return valueAt(parameter, from(position))
      }
    },
    addLogDensities(value, logs) {
      const number = value as number
      const [place, left, right] = [to(number), to(number - half), to(number + half)]
      for (let i = 0; i < means.length; i++) {
        const [mean, width] = [means[i]!, widths[i]!]
        logs[i]! += hasSteps
          ? Math.log(massBetween(left, right, mean, width) / masses[i]!)
          : -0.5 * ((place - mean) / width) ** 2 - Math.log(width * masses[i]! * Math.sqrt(2 * Math.PI))
      }
    },
  }
}

/**
 * Deviation of each kernel: the farther of its two neighbours, but at the ends of the row the only one; at least the
 * width divided by min(100, n + 2), at most the width (Optuna's `magic clip`).
 */
function deviations(means: readonly number[], low: number, high: number): number[] {
  const order = means.map((_, i) => i).sort((a, b) => means[a]! - means[b]!)
  const count = means.length
  const result = new Array<number>(count)
  for (const [place, i] of order.entries()) {
    const mean = means[i]!
    const before = place > 0 ? means[order[place - 1]!]! : low
    const after = place < count - 1 ? means[order[place + 1]!]! : high
    const inner =
      count < 2 ? Math.max(mean - before, after - mean) : farther(mean, before, after, place, count)
    result[i] = Math.min(high - low, Math.max(inner, (high - low) / Math.min(100, count + 2)))
  }
  return result
}

function farther(mean: number, before: number, after: number, place: number, count: number): number {
  if (place === 0) return after - mean
  return place === count - 1 ? mean - before : Math.max(mean - before, after - mean)
}

/** Mass of a normal distribution between two ends, never quite 0. */
function massBetween(from: number, to: number, mean: number, deviation: number): number {
  const [a, b] = [(from - mean) / deviation, (to - mean) / deviation]
  // In the upper tail the complement is exact where the difference of two numbers near 1 is not.
  const mass = a > 0 ? tail(a) - tail(b) : tail(-b) - tail(-a)
  return Math.max(mass, 1e-300)
}

/** Probability that a standard normal number is above x. */
const tail = (x: number): number => complementaryError(x / Math.SQRT2) / 2

/** Coefficients of {@link complementaryError}, the highest power first. */
const coefficients = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196,
  1.00002368, -1.26551223,
] as const

/** Complementary error function, to 1.2e-7 of its value everywhere (Numerical Recipes, `erfcc`). */
function complementaryError(x: number): number {
  const z = Math.abs(x)
  const t = 1 / (1 + z / 2)
  let series = 0
  for (const coefficient of coefficients) series = series * t + coefficient
  const value = t * Math.exp(-z * z + series)
  return x >= 0 ? value : 2 - value
}
