import { checkOptions, DataError, ranges } from '../core/index.ts'
import { type ClassificationInput, checkClassification, highestScore } from './classification.ts'

/** Probabilities of samples over classes, such as {@link softmaxRows} makes of logits. */
export interface CalibrationInput {
  /** [samples, classes], each in [0, 1]. */
  readonly probabilities: Float32Array
  readonly classes: number
  /** [samples], each in 0 … classes − 1. */
  readonly labels: ArrayLike<number>
  /** Number of bins of equal width. Default 15. */
  readonly bins?: number
}

/** Samples whose confidence lies in [low, high): a bar of a reliability diagram. */
export interface CalibrationBin {
  readonly low: number
  readonly high: number
  readonly count: number
  /** Mean confidence, in [0, 1]; NaN without samples. */
  readonly confidence: number
  /** Fraction of right predictions, in [0, 1]; NaN without samples. */
  readonly accuracy: number
}

/**
 * Expected calibration error, in [0, 1]: how far confidence is from accuracy; 0 is best.
 *
 *     Σ over bins of count / samples · |accuracy − confidence|
 *
 * The confidence of a sample is its highest probability. It agrees with torchmetrics'
 * `MulticlassCalibrationError(norm='l1')`: bins hold their lower border, and confidences of exactly 1 are a bin of
 * their own. A sample whose probabilities are all NaN counts as wrong with confidence 1.
 *
 * Source: Guo et al., "On Calibration of Modern Neural Networks" (2017).
 *
 * @throws ShapeError `shape/classification` when lengths do not fit, a label is out of range or there is no sample.
 * @throws DataError `metrics/probability` for a number outside [0, 1].
 * @throws ConfigError `metrics/option-range` when `bins` is no whole number of 1 or more.
 */
export function expectedCalibrationError(input: CalibrationInput): number {
  let error = 0
  for (const { count, accuracy, confidence } of calibrationBins(input))
    if (count > 0) error += (count / input.labels.length) * Math.abs(accuracy - confidence)
  return error
}

/**
 * Bins of a reliability diagram, from confidence 0 to 1: `bins` of equal width, and one of confidence 1.
 *
 * @throws Errors as {@link expectedCalibrationError}.
 */
export function calibrationBins(input: CalibrationInput): CalibrationBin[] {
  const { probabilities, classes, labels, bins = 15 } = input
  checkOptions('calibration', { bins }, { bins: ranges.countFromOne }, { range: 'metrics/option-range' })
  checkProbabilities({ scores: probabilities, classes, labels })
  const border = (bin: number) => Math.fround(Math.min(bin, bins) / bins)
  const totals = Array.from({ length: bins + 1 }, () => ({ count: 0, confidence: 0, right: 0 }))
  for (let sample = 0; sample < labels.length; sample++) {
    const prediction = highestScore(probabilities, sample * classes, classes)
    const confidence = prediction === undefined ? 1 : probabilities[sample * classes + prediction]!
    let bin = Math.min(Math.floor(confidence * bins) + 1, bins)
    while (confidence < border(bin)) bin-- // the product may round to the next bin
    const total = totals[bin]!
    total.count++
    total.confidence += confidence
    if (prediction === labels[sample]) total.right++
  }
  return totals.map(({ count, confidence, right }, bin) => ({
    low: border(bin),
    high: border(bin + 1),
    count,
    confidence: confidence / count,
    accuracy: right / count,
  }))
}

function checkProbabilities(input: ClassificationInput): void {
  checkClassification(input)
  const bad = input.scores.findIndex((probability) => probability < 0 || probability > 1)
  if (bad < 0) return
  const sample = Math.floor(bad / input.classes)
  throw new DataError(
    'metrics/probability',
    `sample ${sample} has ${input.scores[bad]} as a probability, which is not in [0, 1]: apply softmaxRows to logits`,
    { sample, probability: input.scores[bad] },
  )
}
