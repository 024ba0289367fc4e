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
  const neighbours: Neighbour[] = []
  visitSimilarities(query, gallery, width, (_, similarities) => {
    for (const [index, similarity] of similarities.entries()) neighbours.push({ index, similarity })
  })
  const height = ({ similarity }: Neighbour) =>
    Number.isNaN(similarity) ? Number.NEGATIVE_INFINITY : similarity
  return neighbours.sort((a, b) => height(b) - height(a) || a.index - b.index).slice(0, k)
}
