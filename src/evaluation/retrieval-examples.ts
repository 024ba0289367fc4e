import { evenlySpread } from '../core/index.ts'
import type { Sample } from '../data/index.ts'
import { nearest } from '../metrics/index.ts'
import type { AnsweredQuery, Item } from '../report/index.ts'
import type { EncodedDataset } from '../training/index.ts'

export interface ExampleOptions {
  /** Number of queries to show, half of them answered right where there are as many. */
  readonly queries: number
  /** Number of answers to show for each query. */
  readonly answers: number
}

/** Function that makes a small image of a sample, PNG, JPEG or WebP. */
export type Thumbnail = (sample: Sample) => Promise<Uint8Array>

/**
 * Queries with their results, right and wrong, spread evenly over the data set: images that retrieve captions, and
 * captions that retrieve images.
 */
export async function retrievalExamples(
  data: EncodedDataset,
  samples: ReadonlyMap<string, Sample>,
  thumbnail: Thumbnail,
  options: ExampleOptions,
): Promise<{ imageToText: AnsweredQuery[]; textToImage: AnsweredQuery[] }> {
  const { images, texts } = sidesOf(data, samples, thumbnail)
  return {
    imageToText: await examples(images, texts, data.width, options),
    textToImage: await examples(texts, images, data.width, options),
  }
}

/** Images and captions of a data set, each as queries or as answers. */
export function sidesOf(
  data: EncodedDataset,
  samples: ReadonlyMap<string, Sample>,
  thumbnail: Thumbnail,
): { readonly images: Side; readonly texts: Side } {
  const images: Side = {
    features: data.imageFeatures,
    concepts: data.imageConcepts.map((concept) => [concept]),
    item: async (row) => {
      const sample = samples.get(data.imageIds[row]!)!
      return { picture: await thumbnail(sample), caption: sample.captions[0]! }
    },
  }
  const texts: Side = {
    features: data.textFeatures,
    concepts: data.textConcepts,
    item: async (row) => ({
      caption: samples.get(data.textIds[row]!)!.captions[data.textCaptions[row]!]!,
    }),
  }
  return { images, texts }
}

/** One side of a data set: rows of features, and the sample of each row. */
export interface Side {
  readonly features: Float32Array
  readonly concepts: readonly (readonly string[])[]
  readonly item: (row: number) => Promise<Item>
}

async function examples(
  asked: Side,
  gallery: Side,
  width: number,
  options: ExampleOptions,
): Promise<AnsweredQuery[]> {
  // A few times as many as will be shown are tried, so that both right and wrong ones are among them.
  const tried = evenlySpread(asked.concepts.length, 8 * options.queries).map((row) =>
    answersTo(asked, gallery, width, row, options.answers),
  )
  const right = tried.filter(({ found }) => found[0]?.correct === true)
  const wrong = tried.filter(({ found }) => found[0]?.correct !== true)
  const half = Math.floor(options.queries / 2)
  const wrongShown = Math.min(wrong.length, Math.max(half, options.queries - right.length))
  const shown = [...right.slice(0, options.queries - wrongShown), ...wrong.slice(0, wrongShown)]
  return Promise.all(shown.map((query) => answeredQuery(asked, gallery, query)))
}

/** Queries of these rows with their first answers. */
export const answeredQueries = (
  asked: Side,
  gallery: Side,
  width: number,
  { rows, answers }: { readonly rows: readonly number[]; readonly answers: number },
): Promise<AnsweredQuery[]> =>
  Promise.all(
    rows.map((row) => answeredQuery(asked, gallery, answersTo(asked, gallery, width, row, answers))),
  )

/** Answers to a query by their rows in the gallery. */
interface FoundAnswers {
  readonly row: number
  readonly found: readonly {
    readonly index: number
    readonly similarity: number
    readonly correct: boolean
  }[]
}

function answersTo(asked: Side, gallery: Side, width: number, row: number, answers: number): FoundAnswers {
  const query = asked.features.subarray(row * width, (row + 1) * width)
  const found = nearest(query, gallery.features, width, answers).map(({ index, similarity }) => ({
    index,
    similarity,
    correct: gallery.concepts[index]!.some((concept) => asked.concepts[row]!.includes(concept)),
  }))
  return { row, found }
}

const answeredQuery = async (
  asked: Side,
  gallery: Side,
  { row, found }: FoundAnswers,
): Promise<AnsweredQuery> => ({
  query: await asked.item(row),
  retrieved: await Promise.all(
    found.map(async ({ index, similarity, correct }, i) => ({
      ...(await gallery.item(index)),
      rank: i + 1,
      similarity,
      correct,
    })),
  ),
})
