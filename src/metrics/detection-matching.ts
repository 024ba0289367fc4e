import { fromHighest, type Judged } from './average-precision.ts'
import { boxArea, intersectionArea } from './boxes.ts'
import type { ImageDetections, PredictedBox, TrueBox } from './mean-average-precision.ts'

/** Least overlaps of a prediction that counts as right: 0.5, 0.55 … 0.95. */
export const thresholds: readonly number[] = Array.from(
  { length: 10 },
  (_, i) => 0.5 + i * ((0.95 - 0.5) / 9),
)

/** COCO's ranges of areas in square pixels, borders included: all, small, medium, large. */
export const areaRanges: readonly (readonly [low: number, high: number])[] = [
  [0, Number.POSITIVE_INFINITY],
  [0, 32 ** 2],
  [32 ** 2, 96 ** 2],
  [96 ** 2, Number.POSITIVE_INFINITY],
]

/** Most predictions of a class that count in an image. */
const maximumDetections = 100

/** Predictions and truths of one class in one image. */
export interface DetectionsOfClass {
  /** Falling scores; NaN counts as infinite. */
  readonly scores: readonly number[]
  readonly predictedAreas: readonly number[]
  readonly truths: readonly { readonly area: number; readonly crowd: boolean }[]
  /** `overlaps[prediction][truth]` in [0, 1]. */
  readonly overlaps: readonly (readonly number[])[]
}

/** Predictions and truths of a class in an image, the predictions by falling score. */
export function detectionsOfClass(image: ImageDetections, label: string | number): DetectionsOfClass {
  const truths = image.truths.filter((truth) => truth.label === label)
  const predictions = image.predictions
    .filter((prediction) => prediction.label === label)
    .sort((a, b) => fromHighest(scoreOf(a), scoreOf(b)))
    .slice(0, maximumDetections)
  return {
    scores: predictions.map(scoreOf),
    predictedAreas: predictions.map(({ box }) => boxArea(box)),
    truths: truths.map(({ box, area = boxArea(box), crowd = false }) => ({ area, crowd })),
    overlaps: predictions.map((prediction) => truths.map((truth) => overlap(prediction, truth))),
  }
}

const scoreOf = ({ score }: PredictedBox): number => (Number.isNaN(score) ? Number.POSITIVE_INFINITY : score)

function overlap({ box, score }: PredictedBox, truth: TrueBox): number {
  const shared = intersectionArea(box, truth.box)
  if (shared === 0 || Number.isNaN(score)) return 0
  return shared / (truth.crowd ? boxArea(box) : boxArea(box) + boxArea(truth.box) - shared)
}

/**
 * Verdicts on the predictions at each threshold. Crowds and truths outside the range of areas are ignored: they need
 * not be found, and a prediction that meets only such a one is not counted, nor is one outside the range that meets none.
 */
export function judge(detections: DetectionsOfClass, [low, high]: readonly [number, number]): Judged {
  const { truths, scores, predictedAreas } = detections
  const outside = (area: number) => area < low || area > high
  const ignored = truths.map(({ area, crowd }) => crowd || outside(area))
  const order = [...truths.keys()].sort((a, b) => Number(ignored[a]) - Number(ignored[b]))
  const verdicts = thresholds.map((threshold) =>
    match(detections, order, ignored, threshold).map((truth, prediction) => {
      if (truth === undefined) return outside(predictedAreas[prediction]!) ? 'ignored' : 'wrong'
      return ignored[truth] ? 'ignored' : 'right'
    }),
  )
  return { scores, verdicts, truths: ignored.filter((ignored) => !ignored).length }
}

/** The truth that each prediction takes; undefined for those that find none. */
function match(
  { truths, overlaps }: DetectionsOfClass,
  order: readonly number[],
  ignored: readonly boolean[],
  threshold: number,
): (number | undefined)[] {
  const taken = truths.map(() => false)
  return overlaps.map((row) => {
    let best: number | undefined
    let least = Math.min(threshold, 1 - 1e-10)
    for (const truth of order) {
      if (taken[truth] && !truths[truth]!.crowd) continue
      if (best !== undefined && !ignored[best] && ignored[truth]) break // one that counts goes before all ignored ones
      if (row[truth]! < least) continue
      least = row[truth]!
      best = truth
    }
    if (best !== undefined) taken[best] = true
    return best
  })
}
