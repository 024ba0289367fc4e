import { ShapeError } from '../core/index.ts'
import { visitSimilarities } from './similarity.ts'

/** A gallery row and its cosine similarity to the query, in [−1, 1]. */
export interface Neighbour {
  readonly index: number
  readonly similarity: number
}

/**
 * The `k` gallery items [gallery, width] most similar to one query [width], best first; fewer when the gallery
 * is smaller. Equal similarities are in the order of the rows, NaN comes last. Features need not be normalized.
 *
 * @throws ShapeError `shape/features` when lengths do not fit `width`.
 */
export function nearest(query: Float32Array, gallery: Float32Array, width: number, k: number): Neighbour[] {
  if (query.length !== width) {
    throw new ShapeError(
      'shape/features',
      `the query holds ${query.length} numbers, not one row of width ${width}`,
      {
        length: query.length,
        width,
      },
    )
  }
  let neighbours: Neighbour[] = []
  visitSimilarities(query, gallery, width, (_, similarities) => {
    neighbours = nearestOf(similarities, k)
  })
  return neighbours
}

/** The `k` highest similarities and their places, in the order of {@link nearest}. */
export function nearestOf(similarities: Float64Array, k: number): Neighbour[] {
  const found: Neighbour[] = []
  for (const [index, similarity] of similarities.entries()) {
    if (found.length >= k && !(height(similarity) > height(found.at(-1)?.similarity ?? Number.NaN))) continue
    found.splice(placeOf(similarity, found), 0, { index, similarity })
    if (found.length > k) found.pop()
  }
  return found
}

/** Place of a later row among the sorted ones: behind its equals. */
function placeOf(similarity: number, sorted: readonly Neighbour[]): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (height(sorted[middle]!.similarity) >= height(similarity)) low = middle + 1
    else high = middle
  }
  return low
}

const height = (similarity: number): number =>
  Number.isNaN(similarity) ? Number.NEGATIVE_INFINITY : similarity
