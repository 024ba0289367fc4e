import { evenlySpread } from '../../core/index.ts'
import { thumbnail } from '../../data/index.ts'
import type { RankedQueries } from '../../metrics/index.ts'
import { pictureGrid, type Section } from '../../report/index.ts'
import { answeredQueries, type Side, sidesOf } from '../retrieval-examples.ts'
import type { Features } from './subject.ts'

/** Numbers of queries of a kind, and of answers to each, that are shown. */
const shown = { queries: 6, answers: 5 }

/** Pictures of retrieval in both directions: the most confident mistakes, the hardest queries, and right answers. */
export async function retrievalSections(
  features: Features,
  ranked: Readonly<Record<'imageToText' | 'textToImage', RankedQueries>>,
): Promise<Section[]> {
  const { images, texts } = sidesOf(features, features.samples, thumbnail)
  const { width } = features
  return [
    ...(await sectionsOf('Images ask for captions', images, texts, width, ranked.imageToText)),
    ...(await sectionsOf('Captions ask for images', texts, images, width, ranked.textToImage)),
  ]
}

async function sectionsOf(
  title: string,
  asked: Side,
  gallery: Side,
  width: number,
  { ranks, margins }: RankedQueries,
): Promise<Section[]> {
  const rows = [...ranks.keys()]
  const wrong = rows.filter((row) => ranks[row]! > 1)
  const right = rows.filter((row) => ranks[row] === 1)
  const parts = [
    {
      name: 'most confident mistakes',
      note: 'The first answer is wrong, and is the furthest ahead of the best right one.',
      rows: byLargest(wrong, margins),
    },
    { name: 'hardest', note: 'The right answer has the last places.', rows: byLargest(wrong, ranks) },
    {
      name: 'right',
      note: 'Found at once, spread evenly over the data.',
      rows: evenlySpread(right.length, shown.queries).map((place) => right[place]!),
    },
  ]
  const sections = parts.filter((part) => part.rows.length > 0)
  return Promise.all(
    sections.map(async ({ name, note, rows: chosen }) => ({
      title: `${title}: ${name}`,
      note,
      body: pictureGrid(
        await answeredQueries(asked, gallery, width, { rows: chosen, answers: shown.answers }),
      ),
    })),
  )
}

/** The rows with the largest values; those without a number first, for they are the worst. */
function byLargest(rows: readonly number[], values: Int32Array | Float64Array): number[] {
  const value = (row: number) => (Number.isNaN(values[row]) ? Number.POSITIVE_INFINITY : values[row]!)
  return rows
    .toSorted((a, b) => (value(a) === value(b) ? a - b : value(b) - value(a)))
    .slice(0, shown.queries)
}
