import { splitRows } from '../core/index.ts'
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
  return {
    imageToText: await examples(images, texts, data.width, options),
    textToImage: await examples(texts, images, data.width, options),
  }
}

/** One side of a data set: rows of features, and the sample of each row. */
interface Side {
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
  const queries = splitRows(asked.features, asked.concepts.length)
  // A few times as many as will be shown are tried, so that both right and wrong ones are among them.
  const tried = spread(asked.concepts.length, 8 * options.queries).map((row) => {
    const found = nearest(queries[row]!, gallery.features, width, options.answers).map(
      ({ index, similarity }) => ({
        index,
        similarity,
        correct: gallery.concepts[index]!.some((concept) => asked.concepts[row]!.includes(concept)),
      }),
    )
    return { row, found, right: found[0]?.correct === true }
  })
  const right = tried.filter((query) => query.right)
  const wrong = tried.filter((query) => !query.right)
  const half = Math.floor(options.queries / 2)
  const wrongShown = Math.min(wrong.length, Math.max(half, options.queries - right.length))
  const shown = [...right.slice(0, options.queries - wrongShown), ...wrong.slice(0, wrongShown)]
  return Promise.all(
    shown.map(async ({ row, found }) => ({
      query: await asked.item(row),
      retrieved: await Promise.all(
        found.map(async ({ index, similarity, correct }, i) => ({
          ...(await gallery.item(index)),
          rank: i + 1,
          similarity,
          correct,
        })),
      ),
    })),
  )
}

/** `count` whole numbers from 0 to `size` − 1, evenly spread. */
const spread = (size: number, count: number): number[] =>
  Array.from({ length: Math.min(size, count) }, (_, i) => Math.floor((i * size) / Math.min(size, count)))
