/** Predictions of one class in one image, judged. */
export interface Judged {
  /** Falling scores. */
  readonly scores: readonly number[]
  /** `verdicts[threshold][prediction]` */
  readonly verdicts: readonly (readonly ('right' | 'wrong' | 'ignored')[])[]
  /** Truths that were to be found. */
  readonly truths: number
}

/** Recalls at which precision is read off. */
const recallLevels = Array.from({ length: 101 }, (_, i) => i * 0.01)

/**
 * Average precision and recall, in [0, 1], of the predictions of all images at one threshold; NaN without truths.
 *
 *     precision = mean over r = 0, 0.01 … 1 of max { precision(n) : recall(n) ≥ r },  0 where no recall reaches r
 *
 * where precision(n) and recall(n) are those of the n predictions with the highest scores. Equal scores are in the
 * order of the images.
 */
export function averagePrecision(
  images: readonly Judged[],
  threshold: number,
): { readonly precision: number; readonly recall: number } {
  const truths = images.reduce((sum, image) => sum + image.truths, 0)
  if (truths === 0) return { precision: Number.NaN, recall: Number.NaN }
  const ranked = images
    .flatMap(({ scores, verdicts }) =>
      scores.map((score, i) => ({ score, verdict: verdicts[threshold]![i]! })),
    )
    .sort((a, b) => fromHighest(a.score, b.score))
    .filter(({ verdict }) => verdict !== 'ignored')
  let right = 0
  const recalls: number[] = []
  const precisions: number[] = []
  for (const [rank, { verdict }] of ranked.entries()) {
    if (verdict === 'right') right++
    recalls.push(right / truths)
    precisions.push(right / (rank + 1))
  }
  return { precision: readOff(recalls, precisions), recall: right / truths }
}

/** Order of two scores that may be infinite, the higher first. */
export const fromHighest = (a: number, b: number): number => (a === b ? 0 : b - a)

function readOff(recalls: readonly number[], precisions: readonly number[]): number {
  let best = 0
  let sum = 0
  let rank = recalls.length - 1
  for (const level of recallLevels.toReversed()) {
    for (; rank >= 0 && recalls[rank]! >= level; rank--) best = Math.max(best, precisions[rank]!)
    sum += best
  }
  return sum / recallLevels.length
}
