import { DataError } from '../core/index.ts'
import { averagePrecision, type Judged } from './average-precision.ts'
import type { Box } from './boxes.ts'
import {
  areaRanges,
  type DetectionsOfClass,
  detectionsOfClass,
  judge,
  thresholds,
} from './detection-matching.ts'

/** A box that a detector found. */
export interface PredictedBox {
  readonly box: Box
  /** Confidence: a higher one goes first. */
  readonly score: number
  readonly label: string | number
}

/** A box of the ground truth. */
export interface TrueBox {
  readonly box: Box
  readonly label: string | number
  /** A region of many objects: it need not be found, and predictions in it are not counted. Default false. */
  readonly crowd?: boolean
  /** Area in square pixels that decides whether it is small, medium or large. Default: the box's. */
  readonly area?: number
}

export interface ImageDetections {
  readonly predictions: readonly PredictedBox[]
  readonly truths: readonly TrueBox[]
}

/** Fractions in [0, 1] of one class that the ground truth has. */
export interface ClassAveragePrecision {
  readonly label: string | number
  readonly map: number
  readonly map50: number
  /** Part of the truths found, the mean over the thresholds. */
  readonly recall: number
}

/** Means over the classes, in [0, 1]; NaN when there is nothing to be found. */
export interface MeanAveragePrecision {
  /** COCO's AP: the mean over overlaps of 0.5, 0.55 … 0.95. */
  readonly map: number
  readonly map50: number
  readonly map75: number
  /** Truths below 32² square pixels only. */
  readonly mapSmall: number
  /** Truths from 32² to 96² square pixels only. */
  readonly mapMedium: number
  /** Truths above 96² square pixels only. */
  readonly mapLarge: number
  /** COCO's AR: the part of the truths found with 100 predictions an image and class, the mean over the overlaps. */
  readonly recall: number
  /** Sorted by label; classes without a truth (crowds are none) are left out. */
  readonly byClass: readonly ClassAveragePrecision[]
}

/**
 * Mean average precision of a detector by COCO's rules, as pycocotools computes it (`iouType='bbox'`):
 *
 * - of each image and class the 100 predictions with the highest scores count; equal scores stay in their order;
 * - each takes the free truth that it overlaps most, if at least by the threshold (intersection over union; with a
 *   crowd, intersection over the prediction's area, and a crowd stays free);
 * - average precision is the mean, over recalls of 0, 0.01 … 1, of the best precision at that recall or a higher one.
 *
 * A prediction with a NaN is never right: with a NaN in its box it overlaps nothing, and with a NaN as its score it is
 * a false positive before all others. Predictions of a class that no truth has are not counted, as in COCO.
 *
 * @param images One entry an image, those without truths or predictions too. Boxes are in pixels.
 * @throws DataError `metrics/no-samples` without images, `metrics/box` for a true box that is none.
 */
export function meanAveragePrecision(images: readonly ImageDetections[]): MeanAveragePrecision {
  checkImages(images)
  const labels = new Set(images.flatMap(({ truths }) => truths.map(({ label }) => label)))
  const classes = Array.from(labels, (label) => {
    const detections = images.map((image) => detectionsOfClass(image, label))
    const [all, small, medium, large] = areaRanges.map((range) => scoresWithin(detections, range))
    return { label, all: all!, small: small!, medium: medium!, large: large! }
  })
  const mean = (area: 'all' | 'small' | 'medium' | 'large', score: 'map' | 'map50' | 'map75' | 'recall') =>
    meanOfNumbers(classes.map((c) => c[area][score]))
  return {
    map: mean('all', 'map'),
    map50: mean('all', 'map50'),
    map75: mean('all', 'map75'),
    mapSmall: mean('small', 'map'),
    mapMedium: mean('medium', 'map'),
    mapLarge: mean('large', 'map'),
    recall: mean('all', 'recall'),
    byClass: classes
      .filter(({ all }) => !Number.isNaN(all.map))
      .map(({ label, all: { map, map50, recall } }) => ({ label, map, map50, recall }))
      .sort((a, b) => (a.label < b.label ? -1 : 1)),
  }
}

/** Average precision and recall of one class for truths of one range of areas; NaN when there are none. */
function scoresWithin(
  detections: readonly DetectionsOfClass[],
  range: readonly [number, number],
): Record<'map' | 'map50' | 'map75' | 'recall', number> {
  const judged: Judged[] = detections.map((image) => judge(image, range))
  const curves = thresholds.map((_, threshold) => averagePrecision(judged, threshold))
  const precisions = curves.map(({ precision }) => precision)
  return {
    map: meanOfNumbers(precisions),
    map50: precisions[0]!,
    map75: precisions[5]!,
    recall: meanOfNumbers(curves.map(({ recall }) => recall)),
  }
}

function meanOfNumbers(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value))
  return known.reduce((sum, value) => sum + value, 0) / known.length
}

function checkImages(images: readonly ImageDetections[]): void {
  if (images.length === 0)
    throw new DataError('metrics/no-samples', 'mean average precision needs at least one image, got none')
  for (const [image, { truths }] of images.entries()) {
    for (const [truth, { box }] of truths.entries()) {
      const [left, top, right, bottom] = Array.from(box)
      if (Array.from(box).every(Number.isFinite) && left! <= right! && top! <= bottom!) continue
      throw new DataError(
        'metrics/box',
        `truth ${truth} of image ${image} has the box [${Array.from(box).join(', ')}]: ` +
          'give left, top, right, bottom as numbers, with left ≤ right and top ≤ bottom',
        { image, truth, box: Array.from(box) },
      )
    }
  }
}
