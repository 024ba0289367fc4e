import type { Objective } from './lbfgs.ts'

/** Labelled features and the penalty of a multinomial logistic regression. */
export interface LogisticProblem {
  /** [samples, width] */
  readonly features: Float32Array
  readonly width: number
  /** [samples], each in 0 … classes − 1. */
  readonly labels: Int32Array
  readonly classes: number
  /** [width]: features count as (x − mean) / scale. */
  readonly mean: Float64Array
  readonly scale: Float64Array
  /** λ, 0 or more. */
  readonly penalty: number
}

/** Samples that one pass over the weights serves. */
const tile = 4

/**
 * Loss of a multinomial logistic regression and its gradient, as a function of weights [classes, width] with the
 * biases [classes] behind them:
 *
 *     mean over samples of (log Σ e^z(c) − z(label)) + λ·‖weights‖²,   z = weights·(x − mean) / scale + bias
 *
 * Features are standardized within the products, without a copy: weights / scale act on x, and mean and scale come in
 * again when the gradient is complete.
 */
export function logisticLoss(problem: LogisticProblem): Objective {
  const { features, width, labels, classes, penalty } = problem
  const samples = labels.length
  const logits = new Float64Array(tile * classes)
  return (parameters, gradient) => {
    const { weights, bias } = onRawFeatures(parameters, problem)
    gradient.fill(0)
    let loss = 0
    for (let first = 0; first < samples; first += tile) {
      const rows = Array.from({ length: tile }, (_, i) => Math.min(first + i, samples - 1) * width)
      multiply(features, rows, weights, bias, width, logits)
      for (let i = 0; i < tile; i++) {
        const row = logits.subarray(i * classes, (i + 1) * classes)
        if (first + i < samples) loss += crossEntropy(row, labels[first + i]!)
        else row.fill(0) // past the end: the last sample again, which does not count twice
      }
      addOuterProducts(features, rows, logits, width, gradient)
    }
    finishGradient(parameters, gradient, problem)
    let squares = 0
    for (let i = 0; i < classes * width; i++) squares += parameters[i]! ** 2
    return loss / samples + penalty * squares
  }
}

/** Weights [classes, width] and biases [classes] that act on features before they are standardized. */
export function onRawFeatures(
  parameters: Float64Array,
  { width, classes, mean, scale }: Pick<LogisticProblem, 'width' | 'classes' | 'mean' | 'scale'>,
): { readonly weights: Float64Array; readonly bias: Float64Array } {
  const weights = parameters.slice(0, classes * width)
  const bias = parameters.slice(classes * width)
  for (let c = 0; c < classes; c++) {
    for (let k = 0; k < width; k++) {
      weights[c * width + k]! /= scale[k]!
      bias[c]! -= weights[c * width + k]! * mean[k]!
    }
  }
  return { weights, bias }
}

/** Logits [tile, classes] of the rows of features that begin at `rows`. */
function multiply(
  features: Float32Array,
  [a, b, c, d]: readonly number[],
  weights: Float64Array,
  bias: Float64Array,
  width: number,
  logits: Float64Array,
): void {
  const classes = bias.length
  for (let label = 0; label < classes; label++) {
    const start = label * width
    let [za, zb, zc, zd] = [bias[label]!, bias[label]!, bias[label]!, bias[label]!]
    for (let k = 0; k < width; k++) {
      const weight = weights[start + k]!
      za += weight * features[a! + k]!
      zb += weight * features[b! + k]!
      zc += weight * features[c! + k]!
      zd += weight * features[d! + k]!
    }
    logits[label] = za
    logits[classes + label] = zb
    logits[2 * classes + label] = zc
    logits[3 * classes + label] = zd
  }
}

/** Cross entropy of one row of logits, which becomes its gradient: probabilities − 1 at the label. */
function crossEntropy(row: Float64Array, label: number): number {
  let highest = Number.NEGATIVE_INFINITY
  for (let c = 0; c < row.length; c++) highest = Math.max(highest, row[c]!)
  let sum = 0
  for (let c = 0; c < row.length; c++) sum += Math.exp(row[c]! - highest)
  const loss = highest + Math.log(sum) - row[label]!
  for (let c = 0; c < row.length; c++) row[c] = Math.exp(row[c]! - highest) / sum
  row[label]! -= 1
  return loss
}

/** Add Σ over the tile of residual(c)·x to the gradient [classes, width], and of residual(c) behind it. */
function addOuterProducts(
  features: Float32Array,
  [a, b, c, d]: readonly number[],
  residuals: Float64Array,
  width: number,
  gradient: Float64Array,
): void {
  const classes = residuals.length / tile
  for (let label = 0; label < classes; label++) {
    const start = label * width
    const [ra, rb] = [residuals[label]!, residuals[classes + label]!]
    const [rc, rd] = [residuals[2 * classes + label]!, residuals[3 * classes + label]!]
    for (let k = 0; k < width; k++) {
      gradient[start + k]! +=
        ra * features[a! + k]! + rb * features[b! + k]! + rc * features[c! + k]! + rd * features[d! + k]!
    }
    gradient[classes * width + label]! += ra + rb + rc + rd
  }
}

/** Turn sums over raw features into the gradient of the mean over standardized ones, and add that of the penalty. */
function finishGradient(
  parameters: Float64Array,
  gradient: Float64Array,
  { width, classes, labels, mean, scale, penalty }: LogisticProblem,
): void {
  for (let i = 0; i < gradient.length; i++) gradient[i]! /= labels.length
  for (let c = 0; c < classes; c++) {
    const ofBias = gradient[classes * width + c]!
    for (let k = 0, i = c * width; k < width; k++, i++)
      gradient[i] = (gradient[i]! - mean[k]! * ofBias) / scale[k]! + 2 * penalty * parameters[i]!
  }
}
