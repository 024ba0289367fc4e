import type { Sample } from '../../data/index.ts'
import {
  type ClassificationMetrics,
  calibrationBins,
  classification,
  expectedCalibrationError,
  meanEstimate,
} from '../../metrics/index.ts'
import { type Figure, percent } from '../../report/index.ts'
import type { Findings } from '../suite/evaluator.ts'
import { type Measured, meanMeasured, type SampleValues } from '../suite/measured.ts'
import { classSections } from './class-sections.ts'

/** Answers of a classifier to the samples of a data set. */
export interface Judged {
  /** Names of the classes, two or more. */
  readonly names: readonly string[]
  /** [samples, classes]; the highest is the prediction, NaN never is. */
  readonly scores: Float32Array
  /** The same as probabilities; undefined where a classifier has none, so that its calibration cannot be told. */
  readonly probabilities?: Float32Array | undefined
  /** Class of each sample. */
  readonly labels: readonly number[]
  readonly ids: readonly string[]
  /** Cluster of each sample, where they are not independent. */
  readonly clusters?: readonly string[] | undefined
  readonly samples: ReadonlyMap<string, Sample>
  /** Seed of the bootstrap. */
  readonly seed: number
}

/** Number of answers among which the right one must be, for the second accuracy. */
const few = 5

/**
 * Findings of a classifier: accuracy with Wilson's interval, accuracy among the best five (with more classes than five), mean
 * recall of the classes that have samples, weighted precision, recall and F1, and the expected calibration error; in
 * `details` the classes with their own numbers, the confusions as [class, answer, count] by place in `classes`, and the bins
 * of the calibration.
 */
export async function classificationFindings(judged: Judged): Promise<Findings> {
  const { names, scores, labels, ids, clusters, probabilities, seed } = judged
  const result = classification({ scores, classes: names.length, labels })
  const samples = samplesOf(judged)
  const metrics: Record<string, Measured> = {
    accuracy: meanMeasured(samples.accuracy!, seed),
    meanPerClassRecall: {
      ...plain(meanRecall(result), ids.length),
      interval: meanEstimate(samples.meanPerClassRecall!.values, { seed, clusters }).interval,
    },
    precision: plain(result.precision, ids.length),
    recall: plain(result.recall, ids.length),
    f1: plain(result.f1, ids.length),
  }
  if (samples.top5Accuracy) metrics.top5Accuracy = meanMeasured(samples.top5Accuracy, seed)
  const calibration = probabilities && { probabilities, classes: names.length, labels }
  if (calibration)
    metrics.calibrationError = {
      value: expectedCalibrationError(calibration),
      better: 'min',
      count: ids.length,
    }
  return {
    metrics,
    headline: ['accuracy', 'meanPerClassRecall'],
    samples,
    details: {
      classes: names.map((name, c) => ({ name, ...result.perClass[c] })),
      confusions: confusionsOf(result),
      ...(calibration && { calibration: calibrationBins(calibration).filter(({ count }) => count > 0) }),
    },
    sections: await classSections(judged, result),
    figures: [accuracyFigure(metrics.accuracy!, names.length)],
  }
}

/** Values of each sample whose means are the metrics of the same names. */
function samplesOf(judged: Judged): Record<string, SampleValues> {
  const { names, labels, ids, clusters } = judged
  const hits = hitsOf(judged)
  const values: Record<string, number[]> = { accuracy: hits, meanPerClassRecall: recallValues(hits, labels) }
  if (names.length > few) values.top5Accuracy = ids.map((_, sample) => Number(isAmong(judged, sample, few)))
  return Object.fromEntries(
    Object.entries(values).map(([path, each]) => [
      path,
      { ids, values: each, ...(clusters && { clusters }) },
    ]),
  )
}

const plain = (value: number, count: number): Measured => ({ value, better: 'max', count })

/** 1 for each sample whose class has the highest score, the first of several; else 0. */
export const hitsOf = (judged: Pick<Judged, 'names' | 'scores' | 'labels' | 'ids'>): number[] =>
  judged.ids.map((_, sample) => Number(isAmong(judged, sample, 1)))

/** The label is among the `k` best: the first of the highest for one, strictly better than all but k − 1 others else. */
function isAmong(
  { names, scores, labels }: Pick<Judged, 'names' | 'scores' | 'labels'>,
  sample: number,
  k: number,
): boolean {
  const row = scores.subarray(sample * names.length, (sample + 1) * names.length)
  const label = labels[sample]!
  const own = row[label]!
  if (Number.isNaN(own)) return false
  if (k === 1) return row.every((score, c) => !(score > own || (score === own && c < label)))
  return row.reduce((count, score) => count + (score < own ? 0 : 1), -1) < k
}

/** Mean over the classes with samples of their recall: scikit-learn's balanced accuracy. */
function meanRecall({ perClass }: ClassificationMetrics): number {
  const present = perClass.filter(({ support }) => support > 0)
  return present.reduce((sum, { recall }) => sum + recall, 0) / present.length
}

/** Values whose mean is the mean recall: a hit counts more in a small class. */
function recallValues(hits: readonly number[], labels: readonly number[]): number[] {
  const counts = new Map<number, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return hits.map((hit, sample) => (hit * labels.length) / (counts.size * counts.get(labels[sample]!)!))
}

const confusionsOf = ({
  confusion,
}: ClassificationMetrics): [label: number, answer: number, count: number][] =>
  confusion.flatMap((row, label) =>
    row.flatMap((count, answer): [number, number, number][] => (count > 0 ? [[label, answer, count]] : [])),
  )

const accuracyFigure = ({ value, interval, count }: Measured, classes: number): Figure => ({
  label: 'Accuracy',
  value: percent(value),
  more: `${interval ? `${percent(interval[0])} to ${percent(interval[1])}; ` : ''}${count} samples, ${classes} classes, ${percent(1 / classes)} by chance`,
})
