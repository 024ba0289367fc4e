import { splitRows } from '../core/index.ts'
import { boxArea, intersectionArea } from './boxes.ts'
import { fraction, mean } from './mean.ts'
import { checkRows } from './rows.ts'

/** One predicted and one true box for each sample. */
export interface DetectionInput {
  /** [samples, 4]: left, top, right, bottom; y down; as fractions of width and height, or in pixels. */
  readonly predictions: Float32Array
  readonly targets: Float32Array
  /** Least overlap of a box that counts as found, exclusive. Default 0.5. */
  readonly threshold?: number
}

export interface DetectionMetrics {
  /** Mean of {@link boxOverlaps}, in [0, 1]. */
  readonly meanOverlap: number
  /** Fraction of the samples whose overlap is above the threshold, in [0, 1]. */
  readonly foundFraction: number
}

/**
 * Overlap of predicted boxes with those of the object that was asked for.
 *
 * @throws ShapeError `shape/rows` when lengths differ, are zero or no multiple of four.
 */
export function detection({ predictions, targets, threshold = 0.5 }: DetectionInput): DetectionMetrics {
  const overlaps = boxOverlaps(predictions, targets)
  return {
    meanOverlap: mean(overlaps),
    foundFraction: fraction(overlaps, (overlap) => overlap > threshold),
  }
}

/**
 * Intersection over union of each pair of boxes, in [0, 1]: 0 for boxes that do not meet, lie the wrong way round
 * (left > right), have a NaN, or have no end.
 *
 * @param predictions [samples, 4]: left, top, right, bottom.
 * @param targets The same shape.
 * @throws ShapeError as {@link detection}.
 */
export function boxOverlaps(predictions: Float32Array, targets: Float32Array): Float32Array {
  const samples = checkRows('boxOverlaps', predictions, targets, 4)
  const boxes = splitRows(targets, samples)
  return Float32Array.from(splitRows(predictions, samples), (box, sample) => overlap(box, boxes[sample]!))
}

function overlap(a: Float32Array, b: Float32Array): number {
  const shared = intersectionArea(a, b)
  if (shared === 0) return 0
  const union = boxArea(a) + boxArea(b) - shared
  return Number.isFinite(union) ? shared / union : 0
}
