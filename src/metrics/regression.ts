import { ShapeError } from '../core/index.ts'

/** Predictions and targets in the same physical units, [samples, outputs] each. */
export interface RegressionInput {
  readonly predictions: Float32Array
  readonly targets: Float32Array
  /** Numbers a sample, of which each has a coefficient of determination. Default 1. */
  readonly outputs?: number
}

/** Errors over all outputs of all samples; NaN when a prediction is NaN. */
export interface RegressionMetrics {
  /** Mean of (p − t)², units squared. */
  readonly meanSquaredError: number
  /** Mean of |p − t|. */
  readonly meanAbsoluteError: number
  /** √ of the mean squared error over everything (not the mean of each output's root) */
  readonly rootMeanSquaredError: number
  /**
   * R² = 1 − Σ(p − t)² / Σ(t − mean t)², the mean over the outputs; at most 1, and 0 for predicting each mean. Of an
   * output whose targets are all equal it is 1 when every prediction hits, else 0; of a single sample it is NaN.
   */
  readonly coefficientOfDetermination: number
}

/**
 * Mean squared, mean absolute and root mean squared error, and the coefficient of determination, as scikit-learn
 * defines it (`r2_score`).
 *
 * @throws ShapeError `shape/regression` when lengths differ, are zero or no multiple of the outputs.
 */
export function regression({ predictions, targets, outputs = 1 }: RegressionInput): RegressionMetrics {
  checkLengths(predictions, targets, outputs)
  let [squares, absolutes] = [0, 0]
  for (let i = 0; i < targets.length; i++) {
    const error = predictions[i]! - targets[i]!
    squares += error * error
    absolutes += Math.abs(error)
  }
  const meanSquaredError = squares / targets.length
  return {
    meanSquaredError,
    meanAbsoluteError: absolutes / targets.length,
    rootMeanSquaredError: Math.sqrt(meanSquaredError),
    coefficientOfDetermination: meanDetermination(predictions, targets, outputs),
  }
}

function meanDetermination(predictions: Float32Array, targets: Float32Array, outputs: number): number {
  const samples = targets.length / outputs
  if (samples < 2) return Number.NaN
  let total = 0
  for (let output = 0; output < outputs; output++) {
    let [sum, residual, variation] = [0, 0, 0]
    for (let i = output; i < targets.length; i += outputs) sum += targets[i]!
    for (let i = output; i < targets.length; i += outputs) {
      residual += (predictions[i]! - targets[i]!) ** 2
      variation += (targets[i]! - sum / samples) ** 2
    }
    total += determination(residual, variation)
  }
  return total / outputs
}

function determination(residual: number, variation: number): number {
  if (variation > 0 || Number.isNaN(residual + variation)) return 1 - residual / variation
  return residual === 0 ? 1 : 0
}

/**
 * Fraction of samples, in [0, 1], with every output within its tolerance: |p − t| ≤ tolerance. The success
 * rate of a task whose outputs are metres or radians; NaN is outside.
 *
 * @param input Predictions, targets and tolerance: one number for each output of a sample, in its unit; its length is the number of outputs.
 * @throws ShapeError `shape/regression` when lengths differ, are zero or no multiple of the outputs.
 */
export function fractionWithinTolerance(
  input: Omit<RegressionInput, 'outputs'> & { readonly tolerance: readonly number[] },
): number {
  const { predictions, targets, tolerance } = input
  checkLengths(predictions, targets, tolerance.length)
  const samples = targets.length / tolerance.length
  let hits = 0
  for (let start = 0; start < targets.length; start += tolerance.length) {
    if (tolerance.every((limit, i) => Math.abs(predictions[start + i]! - targets[start + i]!) <= limit))
      hits++
  }
  return hits / samples
}

function checkLengths(predictions: Float32Array, targets: Float32Array, outputs: number): void {
  const samples = targets.length / outputs
  if (predictions.length === targets.length && samples >= 1 && Number.isInteger(samples)) return
  throw new ShapeError(
    'shape/regression',
    `${predictions.length} predictions against ${targets.length} targets of ${outputs} outputs a sample: ` +
      'give both arrays as [samples, outputs], with at least one sample',
    { predictions: predictions.length, targets: targets.length, outputs },
  )
}
