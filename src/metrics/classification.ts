import { ShapeError, splitRows } from '../core/index.ts'

/** Scores (logits or probabilities) of samples over classes. */
export interface ClassificationInput {
  /** [samples, classes]; the highest is the prediction. */
  readonly scores: Float32Array
  readonly classes: number
  /** [samples], each in 0 … classes − 1. */
  readonly labels: ArrayLike<number>
}

/** Fractions in [0, 1] of one class. */
export interface ClassMetrics {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Samples labelled so. */
  readonly support: number
}

/** Fractions in [0, 1]. Precision, recall and F1 are means over the classes, weighted by their number of labels. */
export interface ClassificationMetrics {
  readonly accuracy: number
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** `confusion[label][prediction]` counts samples; those that predict nothing are not among them. */
  readonly confusion: readonly (readonly number[])[]
  /** One entry a class, in their order; a class without labels or predictions has zeros. */
  readonly perClass: readonly ClassMetrics[]
}

/**
 * Accuracy, weighted precision, recall and F1 and the confusion matrix, as scikit-learn defines them
 * (`average='weighted'`): of class c with true positives tp,
 *
 *     precision = tp / predicted as c,   recall = tp / labelled c,   F1 = 2·tp / (predicted + labelled)
 *
 * A quotient 0 / 0 counts as 0. The prediction is the first of the highest scores; NaN is never highest. A sample
 * whose scores are all NaN predicts no class: it counts as labelled and is never right.
 *
 * @throws ShapeError `shape/classification` when lengths do not fit, a label is out of range or there is no sample.
 */
export function classification(input: ClassificationInput): ClassificationMetrics {
  checkClassification(input)
  const { scores, classes, labels } = input
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  const labelCounts = new Array<number>(classes).fill(0)
  for (let sample = 0; sample < labels.length; sample++) {
    const label = labels[sample]!
    labelCounts[label]!++
    const prediction = highestScore(scores, sample * classes, classes)
    if (prediction !== undefined) confusion[label]![prediction]!++
  }
  const perClass = labelCounts.map((support, c) => classMetrics(confusion, c, support))
  const weighted = (metric: 'precision' | 'recall' | 'f1') =>
    sum(perClass.map((c) => c.support * c[metric])) / labels.length
  return {
    accuracy: sum(confusion.map((row, c) => row[c]!)) / labels.length,
    precision: weighted('precision'),
    recall: weighted('recall'),
    f1: weighted('f1'),
    confusion,
    perClass,
  }
}

function classMetrics(confusion: readonly (readonly number[])[], c: number, support: number): ClassMetrics {
  const truePositives = confusion[c]![c]!
  const predicted = sum(confusion.map((row) => row[c]!))
  return {
    precision: truePositives / Math.max(predicted, 1),
    recall: truePositives / Math.max(support, 1),
    f1: (2 * truePositives) / Math.max(predicted + support, 1),
    support,
  }
}

/**
 * Fraction of samples, in [0, 1], whose label is among the `k` highest scores. A tie or a NaN counts as wrong:
 * the label must beat all but k − 1 other classes strictly.
 *
 * @throws ShapeError as {@link classification}.
 */
export function topKAccuracy(input: ClassificationInput & { readonly k: number }): number {
  checkClassification(input)
  const { scores, labels, k } = input
  let hits = 0
  for (const [sample, row] of splitRows(scores, labels.length).entries()) {
    const own = row[labels[sample]!]!
    const ahead = row.reduce((count, score) => count + (score < own ? 0 : 1), -1)
    if (ahead < k) hits++
  }
  return hits / labels.length
}

/** Index of the first of the highest of `count` scores from `start` on; undefined where all are NaN. */
export function highestScore(scores: Float32Array, start: number, count: number): number | undefined {
  let best: number | undefined
  for (let i = 0; i < count; i++) {
    const score = scores[start + i]!
    if (!Number.isNaN(score) && (best === undefined || score > scores[start + best]!)) best = i
  }
  return best
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/**
 * Refuse scores and labels that do not fit.
 * @throws ShapeError as {@link classification}.
 */
export function checkClassification({ scores, classes, labels }: ClassificationInput): void {
  const bad = Array.from(labels).findIndex(
    (label) => !(Number.isInteger(label) && label >= 0 && label < classes),
  )
  if (labels.length > 0 && scores.length === labels.length * classes && bad < 0) return
  throw new ShapeError(
    'shape/classification',
    bad >= 0
      ? `label ${labels[bad]} of sample ${bad} is none of the classes 0 to ${classes - 1}`
      : `${labels.length} labels (at least one) of ${classes} classes need ${labels.length * classes} scores, not ${scores.length}`,
    { scores: scores.length, classes, labels: labels.length },
  )
}
