import { ShapeError } from '../core/index.ts'
import { countRows, normalizeRows } from './similarity.ts'
import { uniformity } from './uniformity.ts'

/** Pairs: row i of the images belongs to row i of the texts. Features need not be normalized. */
export interface AlignmentInput {
  /** [pairs, width] */
  readonly imageFeatures: Float32Array
  /** [pairs, width] */
  readonly textFeatures: Float32Array
  readonly width: number
  /** The concept of each pair; an image matches every text of its concept. Default: only its own text. */
  readonly concepts?: readonly string[]
  /** Uniformity of both sides, where it is known already, such as of `uniformityByBlocks`. Default: computed here. */
  readonly uniformities?: readonly [images: number, texts: number]
}

/** Geometry of the shared space, on normalized features u (images) and v (texts). */
export interface Alignment {
  /** Mean cosine of matching images and texts, in [−1, 1]. */
  readonly matchingMean: number
  readonly nonMatchingMean: number
  /** matchingMean − nonMatchingMean, the "alignment score"; higher is better. */
  readonly matchingMargin: number
  /** Mean cosine of the pairs, u(i)·v(i). */
  readonly diagonalMean: number
  /** Mean of u(i)·v(j) for i ≠ j. */
  readonly offDiagonalMean: number
  /** Mean ‖u(i) − v(i)‖² over the pairs, in [0, 4]; lower is better (Wang & Isola 2020, α = 2). */
  readonly alignment: number
  /** {@link uniformity} of the images, in [−8, 0]; lower is better. */
  readonly imageUniformity: number
  readonly textUniformity: number
  /** ‖mean u − mean v‖, in [0, 2] (Liang et al. 2022). */
  readonly modalityGap: number
}

/**
 * Geometry of images and texts in the shared space. Means over pairs of rows are exact and come from sums of
 * rows, Σᵢⱼ u(i)·v(j) = (Σ u)·(Σ v); only uniformity visits every pair.
 *
 * A mean without members (one pair, or one concept only) is NaN.
 *
 * Sources: Wang & Isola, "Understanding Contrastive Representation Learning through Alignment and Uniformity
 * on the Hypersphere" (2020); Liang et al., "Mind the Gap" (2022).
 *
 * @throws ShapeError `shape/alignment` when there are none, or not as many images as texts and concepts.
 */
export function alignment(input: AlignmentInput): Alignment {
  const { imageFeatures, textFeatures, width, concepts } = input
  const pairs = countRows(imageFeatures, width, 'image features')
  checkPairs(pairs, countRows(textFeatures, width, 'text features'), concepts?.length ?? pairs)
  const u = normalizeRows(imageFeatures, width)
  const v = normalizeRows(textFeatures, width)
  const everyone = Array.from({ length: pairs }, (_, i) => i)
  const byConcept = groupRows(concepts ?? everyone)
  const total = sumOfSimilarities(u, v, width, [everyone])
  const diagonal = sumOfSimilarities(u, v, width, groupRows(everyone))
  const matching = sumOfSimilarities(u, v, width, byConcept)
  const matches = byConcept.reduce((count, rows) => count + rows.length ** 2, 0)
  const matchingMean = matching / matches
  const [ofImages, ofTexts] = input.uniformities ?? [
    uniformity(imageFeatures, width),
    uniformity(textFeatures, width),
  ]
  const nonMatchingMean = (total - matching) / (pairs ** 2 - matches)
  return {
    matchingMean,
    nonMatchingMean,
    matchingMargin: matchingMean - nonMatchingMean,
    diagonalMean: diagonal / pairs,
    offDiagonalMean: (total - diagonal) / (pairs * (pairs - 1)),
    alignment: 2 - (2 * diagonal) / pairs, // ‖u − v‖² = 2 − 2·u·v for rows of length 1
    imageUniformity: ofImages,
    textUniformity: ofTexts,
    modalityGap: distance(sumRows(u, width, everyone), sumRows(v, width, everyone)) / pairs,
  }
}

/** Rows with equal names, one group a name. */
function groupRows(names: readonly (string | number)[]): number[][] {
  const groups = new Map<string | number, number[]>()
  for (const [row, name] of names.entries()) {
    const group = groups.get(name)
    if (group) group.push(row)
    else groups.set(name, [row])
  }
  return [...groups.values()]
}

/** Σ over groups of Σ u(i)·v(j) for all i, j of the group. */
function sumOfSimilarities(u: Float32Array, v: Float32Array, width: number, groups: number[][]): number {
  let total = 0
  for (const rows of groups) {
    const sumOfTexts = sumRows(v, width, rows)
    total += sumRows(u, width, rows).reduce((sum, value, k) => sum + value * sumOfTexts[k]!, 0)
  }
  return total
}

function sumRows(features: Float32Array, width: number, rows: readonly number[]): Float64Array {
  const sum = new Float64Array(width)
  for (const row of rows) for (let k = 0; k < width; k++) sum[k]! += features[row * width + k]!
  return sum
}

const distance = (a: Float64Array, b: Float64Array): number =>
  Math.hypot(...a.map((value, k) => value - b[k]!))

function checkPairs(images: number, texts: number, concepts: number): void {
  if (images === texts && images === concepts && images > 0) return
  throw new ShapeError(
    'shape/alignment',
    `alignment needs pairs, at least one: got ${images} images, ${texts} texts and ${concepts} concepts`,
    { images, texts, concepts },
  )
}
