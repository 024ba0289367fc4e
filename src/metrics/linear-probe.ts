import { checkOptions, DataError, ranges } from '../core/index.ts'
import { checkLabels } from './labels.ts'
import { lbfgs } from './lbfgs.ts'
import { logisticLoss, onRawFeatures } from './logistic-loss.ts'
import { countRows } from './similarity.ts'

/** Features of frozen weights and the class of each. */
export interface LabelledFeatures {
  /** [samples, width] */
  readonly features: Float32Array
  /** [samples], each in 0 … classes − 1. */
  readonly labels: ArrayLike<number>
}

export interface LinearProbeInput extends LabelledFeatures {
  readonly width: number
  readonly classes: number
  /** C of scikit-learn, above 0: the higher, the weaker the penalty. Default 1. */
  readonly inverseStrength?: number
  /** Shift and scale each feature to mean 0 and deviation 1 over the samples. Default false. */
  readonly standardize?: boolean
  /** Converged once every partial derivative is below it. Default 1e-4. */
  readonly tolerance?: number
  /** Default 1,000. */
  readonly maximumIterations?: number
}

/** A linear classifier of features as they are given, those that were standardized for the fit too. */
export interface LinearProbe {
  /** [classes, width]; zeros for a class without samples. */
  readonly weights: Float64Array
  /** [classes]; −∞ for a class without samples. */
  readonly bias: Float64Array
  /** False when iterations ran out: the numbers are not those of the least loss, and one should say so. */
  readonly converged: boolean
  readonly iterations: number
  /** Largest partial derivative where the fit ended. */
  readonly gradientMaximum: number
}

/**
 * A linear probe: multinomial logistic regression on features, with a penalty on the weights and none on the biases.
 * It minimizes, over the n samples,
 *
 *     mean of cross entropy + ‖weights‖² / (2·C·n)
 *
 * by L-BFGS from zeros, as scikit-learn's `LogisticRegression(C=C)` does. For two classes scikit-learn penalizes one
 * vector for both, the difference of ours, so their penalty is twice as high here. Classes without samples take no
 * part and have the probability 0.
 *
 * @throws ShapeError `shape/features`, `shape/labels` when lengths do not fit or a label is out of range.
 * @throws DataError `metrics/no-samples` without samples, `metrics/one-class` when all have one label,
 * `metrics/not-finite` for a feature that is no finite number.
 * @throws ConfigError `metrics/option-range`
 */
export function linearProbe(input: LinearProbeInput): LinearProbe {
  const { features, labels, width, classes, inverseStrength = 1, standardize = false } = input
  checkOptions('linearProbe', input, optionRanges, { range: 'metrics/option-range' })
  const samples = countRows(features, width, 'features')
  checkLabels(labels, samples, classes)
  const present = presentClasses(labels)
  checkFinite(features, width)
  const problem = {
    ...(standardize ? moments(features, width) : unchanged(width)),
    features,
    width,
    labels: Int32Array.from(labels, (label) => present.indexOf(label)),
    classes: present.length,
    penalty: (present.length === 2 ? 2 : 1) / (2 * inverseStrength * samples),
  }
  const start = new Float64Array(present.length * (width + 1))
  const { x, converged, iterations, gradientMaximum } = lbfgs(logisticLoss(problem), start, input)
  const fitted = onRawFeatures(x, problem)
  const weights = new Float64Array(classes * width)
  const bias = new Float64Array(classes).fill(Number.NEGATIVE_INFINITY)
  for (const [i, label] of present.entries()) {
    weights.set(fitted.weights.subarray(i * width, (i + 1) * width), label * width)
    bias[label] = fitted.bias[i]!
  }
  return { weights, bias, converged, iterations, gradientMaximum }
}

const optionRanges = {
  inverseStrength: { words: 'a number > 0', holds: (x: unknown) => Number.isFinite(x) && (x as number) > 0 },
  standardize: ranges.flag,
  tolerance: ranges.atLeastZero,
  maximumIterations: ranges.count,
}

/**
 * Scores (logits) of features by a probe, [samples, classes], for `classification` and `softmaxRows`: weights·x +
 * bias. A feature that is NaN makes NaN of its row.
 *
 * @throws ShapeError `shape/features` when features are of another width.
 */
export function probeScores({ weights, bias }: LinearProbe, features: Float32Array): Float32Array {
  const classes = bias.length
  const width = weights.length / classes
  const samples = countRows(features, width, 'features')
  const scores = new Float32Array(samples * classes)
  for (let sample = 0; sample < samples; sample++) {
    for (let c = 0; c < classes; c++) {
      let score = bias[c]!
      for (let k = 0; k < width; k++) score += weights[c * width + k]! * features[sample * width + k]!
      scores[sample * classes + c] = score
    }
  }
  return scores
}

function presentClasses(labels: ArrayLike<number>): number[] {
  const present = [...new Set(Array.from(labels))].sort((a, b) => a - b)
  if (present.length > 1) return present
  if (present.length === 0)
    throw new DataError('metrics/no-samples', 'a linear probe needs samples to learn from, got none')
  throw new DataError(
    'metrics/one-class',
    `all ${labels.length} samples are of class ${present[0]}: a linear probe needs samples of two classes or more`,
    { samples: labels.length, label: present[0] },
  )
}

function checkFinite(features: Float32Array, width: number): void {
  const bad = features.findIndex((value) => !Number.isFinite(value))
  if (bad < 0) return
  const sample = Math.floor(bad / width)
  throw new DataError(
    'metrics/not-finite',
    `feature ${bad % width} of sample ${sample} is ${features[bad]}: leave the sample out, or look why its model fails`,
    { sample, value: features[bad] },
  )
}

const unchanged = (width: number) => ({
  mean: new Float64Array(width),
  scale: new Float64Array(width).fill(1),
})

/** Mean and standard deviation of each feature; a constant one has the scale 1. */
function moments(features: Float32Array, width: number): { mean: Float64Array; scale: Float64Array } {
  const samples = features.length / width
  const mean = new Float64Array(width)
  const squares = new Float64Array(width)
  for (let i = 0; i < features.length; i++) mean[i % width]! += features[i]! / samples
  for (let i = 0; i < features.length; i++) squares[i % width]! += (features[i]! - mean[i % width]!) ** 2
  // What rounding leaves of a constant is no deviation.
  const scale = squares.map((sum, k) => {
    const deviation = Math.sqrt(sum / samples)
    return deviation > 1e-12 * Math.abs(mean[k]!) ? deviation : 1
  })
  return { mean, scale }
}
