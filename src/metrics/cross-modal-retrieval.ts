import { DataError, excerpt, ShapeError } from '../core/index.ts'
import type { BlockProducts } from './block-products.ts'
import { rankQueriesByBlocks } from './rank-by-blocks.ts'
import {
  type RankedQueries,
  type RetrievalInput,
  type RetrievalMetrics,
  rankMetrics,
  rankQueries,
} from './retrieval.ts'
import { countRows } from './similarity.ts'

/** The distinct captions of a test set, in order of appearance, with the concepts that each describes. */
export interface CaptionGallery {
  readonly captions: readonly string[]
  /** Concepts that each caption describes: the `textConcepts` of {@link crossModalRetrieval}. */
  readonly concepts: readonly (readonly string[])[]
}

/**
 * Collect the text gallery of a test set. A caption of several concepts is in it once and correct for each of
 * them; twice, it would tie with itself.
 */
export function captionGallery(
  samples: Iterable<{ readonly id: string; readonly concept?: string; readonly captions: readonly string[] }>,
): CaptionGallery {
  const conceptsOf = new Map<string, Set<string>>()
  for (const { id, concept = id, captions } of samples) {
    for (const caption of captions) {
      const concepts = conceptsOf.get(caption)
      if (concepts) concepts.add(concept)
      else conceptsOf.set(caption, new Set([concept]))
    }
  }
  return { captions: [...conceptsOf.keys()], concepts: Array.from(conceptsOf.values(), (set) => [...set]) }
}

/** Features of a test set's images and of its distinct captions, normalized or not. */
export interface CrossModalInput {
  /** [images, width] */
  readonly imageFeatures: Float32Array
  /** [captions, width], one row a distinct caption (see {@link captionGallery}). */
  readonly textFeatures: Float32Array
  readonly width: number
  /** The concept each image shows. */
  readonly imageConcepts: readonly string[]
  /** The concepts each caption describes. */
  readonly textConcepts: readonly (readonly string[])[]
}

/** Retrieval in both directions, each over the whole gallery. */
export type CrossModalRetrieval = {
  readonly imageToText: RetrievalMetrics
  readonly textToImage: RetrievalMetrics
  /** Images: the gallery of text→image. */
  readonly gallery: number
  /** Distinct captions: the gallery of image→text. */
  readonly captions: number
}

/**
 * Image→text and text→image retrieval. Image and caption match when they share a concept; every match is
 * correct, and the one with the best rank counts. See {@link retrieval} for ranks, ties and NaN.
 *
 * @throws ShapeError `shape/concepts` when there are not as many features as concepts.
 * @throws DataError `metrics/no-relevant-item` when an image has no caption in the gallery or a caption no image.
 */
export function crossModalRetrieval(input: CrossModalInput): CrossModalRetrieval {
  const { imageToText, textToImage } = crossModalRanks(input)
  return {
    imageToText: rankMetrics(imageToText.ranks),
    textToImage: rankMetrics(textToImage.ranks),
    gallery: input.imageConcepts.length,
    captions: input.textConcepts.length,
  }
}

/** Ranks of all images and of all captions as queries. */
export interface CrossModalRanks {
  readonly imageToText: RankedQueries
  readonly textToImage: RankedQueries
}

/** Ranks of both directions. @throws Errors of {@link crossModalRetrieval}. */
export function crossModalRanks(input: CrossModalInput): CrossModalRanks {
  const { imageToText, textToImage } = directionsOf(input)
  return { imageToText: rankQueries(imageToText), textToImage: rankQueries(textToImage) }
}

/** The same ranks of large galleries: see {@link rankQueriesByBlocks}. @throws Errors of {@link crossModalRetrieval}. */
export async function crossModalRanksByBlocks(
  input: CrossModalInput,
  products: BlockProducts,
): Promise<CrossModalRanks> {
  const { imageToText, textToImage } = directionsOf(input)
  return {
    imageToText: await rankQueriesByBlocks(imageToText, products),
    textToImage: await rankQueriesByBlocks(textToImage, products),
  }
}

/** Both directions as queries against a gallery. */
function directionsOf(input: CrossModalInput): Readonly<Record<keyof CrossModalRanks, RetrievalInput>> {
  const { imageFeatures, textFeatures, width } = input
  checkCount('image', countRows(imageFeatures, width, 'image features'), input.imageConcepts.length)
  checkCount('text', countRows(textFeatures, width, 'text features'), input.textConcepts.length)
  const imageConcepts = input.imageConcepts.map((concept) => [concept])
  const captionsOf = rowsByConcept(input.textConcepts)
  const imagesOf = rowsByConcept(imageConcepts)
  return {
    imageToText: {
      queries: imageFeatures,
      gallery: textFeatures,
      width,
      relevant: imageConcepts.map((concepts, row) => rowsOf(captionsOf, concepts, `image ${row}`)),
    },
    textToImage: {
      queries: textFeatures,
      gallery: imageFeatures,
      width,
      relevant: input.textConcepts.map((concepts, row) => rowsOf(imagesOf, concepts, `caption ${row}`)),
    },
  }
}

function rowsByConcept(conceptsOfRows: readonly (readonly string[])[]): Map<string, number[]> {
  const rows = new Map<string, number[]>()
  for (const [row, concepts] of conceptsOfRows.entries()) {
    for (const concept of concepts) {
      const known = rows.get(concept)
      if (known) known.push(row)
      else rows.set(concept, [row])
    }
  }
  return rows
}

function rowsOf(rowsByName: Map<string, number[]>, concepts: readonly string[], query: string): number[] {
  const rows = concepts.flatMap((concept) => rowsByName.get(concept) ?? [])
  if (rows.length > 0) return rows
  throw new DataError(
    'metrics/no-relevant-item',
    `${excerpt(query)} (concept ${excerpt(concepts.join(', '))}) has no match in the gallery; leave it out or add its match`,
    { query, concepts },
  )
}

function checkCount(modality: string, features: number, concepts: number): void {
  if (features === concepts) return
  throw new ShapeError(
    'shape/concepts',
    `${features} ${modality} features, but ${concepts} ${modality} concepts`,
    {
      modality,
      features,
      concepts,
    },
  )
}
