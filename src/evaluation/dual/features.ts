import { z } from 'zod'
import { DataError } from '../../core/index.ts'
import { alignment, featureGeometry, similarityCorrelation, uniformityByBlocks } from '../../metrics/index.ts'
import { type Figure, formatNumber, htmlTable, type Section } from '../../report/index.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Measured } from '../suite/measured.ts'
import type { Features, Subject } from '../suite/subject.ts'
import { firstCaptions } from './caption-rows.ts'
import { classesOrConcepts } from './class-labels.ts'
import { gatheredRows } from './feature-rows.ts'
import { type Jackknifed, jackknifed, jackknifeInterval, leaveOneOut } from './leave-one-out.ts'
import { requiresDualEncoder } from './requires-dual-encoder.ts'
import { type MapKind, mapKinds, spaceMap } from './space-map.ts'

export interface FeaturesOptions {
  readonly kind: 'features'
  /** Name of a label of kind `class`, for separability. Default: the only one; without any, the concepts. */
  readonly label?: string
  /** Map of the space, or none. Default `pca`. */
  readonly map: MapKind | false
}

const schema = z.strictObject({
  kind: z.literal('features'),
  label: z.string().exactOptional(),
  map: z.union([z.enum(mapKinds), z.literal(false)]).default('pca'),
})

/** Options of {@link featuresEvaluator} for a suite. */
export const features = (options: Partial<Omit<FeaturesOptions, 'kind'>> = {}) =>
  ({ kind: 'features', ...options }) as const

/**
 * Geometry of the space that images and texts share: see `alignment`, `featureGeometry` and `similarityCorrelation` for the
 * numbers. The text of an image is its first caption. Samples whose features are not finite are left out and told.
 * Intervals are by the jackknife, see {@link jackknifeInterval}; uniformity has none.
 *
 * @throws DataError `evaluation/too-few-samples` for fewer than three samples.
 */
export const featuresEvaluator = {
  schema,
  refusal: requiresDualEncoder,
  async evaluate(subject: Subject, { label, map }: FeaturesOptions): Promise<Findings> {
    const data = await subject.features()
    const captions = await firstCaptions(data, (texts) => subject.texts(texts))
    const classes = classesOrConcepts({ name: subject.name, source: subject.source, features: data }, label)
    const rows = usableRows(subject, data, captions, classes)
    const { width } = data
    const pairs = {
      images: keptRows(data.imageFeatures, width, rows),
      texts: keptRows(captions, width, rows),
      width,
      concepts: rows.map((row) => data.imageConcepts[row]!),
      classes: rows.map((row) => classes[row]!),
    }
    const products = subject.products(width)
    const metrics = measuredOf(pairs, [
      await uniformityByBlocks(pairs.images, width, products),
      await uniformityByBlocks(pairs.texts, width, products),
    ])
    for (const [path, reason] of Object.entries(missing))
      if (!metrics[path]) subject.note(reason(subject.name))
    const drawn = map ? await spaceMap(data, rows, map, subject.seed) : undefined
    if (map && !drawn) subject.note(`${subject.name} has too few images for a map of the space by ${map}.`)
    const ids = rows.map((row) => data.imageIds[row]!)
    const clusters = await subject.clusters(ids)
    return {
      metrics,
      headline: jackknifed.filter((path) => metrics[path]),
      samples: {
        alignment: { ids, values: squaredDistances(pairs), ...(clusters && { clusters }) },
      },
      sections: [...(drawn ? [drawn] : []), tableSection(metrics)],
      figures: metrics.matchingMargin ? [figureOf(metrics.matchingMargin)] : [],
    }
  },
} satisfies Evaluator<FeaturesOptions>

type Pairs = Parameters<typeof leaveOneOut>[0]

/** Reasons for which a number may be missing. */
const missing: Readonly<Record<string, (name: string) => string>> = {
  separability: (name) =>
    `${name} has no two images of one class and others of another: separability is not measured.`,
  matchingMargin: (name) =>
    `All images of ${name} are of one concept: no pair is wrong, and no margin is measured.`,
}

function usableRows(
  subject: Pick<Subject, 'name' | 'note'>,
  { imageFeatures, width, imageIds }: Features,
  captions: Float32Array,
  classes: readonly (string | number | undefined)[],
): number[] {
  const { name } = subject
  const areFinite = (features: Float32Array, row: number) =>
    features.subarray(row * width, (row + 1) * width).every(Number.isFinite)
  const finite = [...imageIds.keys()].filter(
    (row) => areFinite(imageFeatures, row) && areFinite(captions, row),
  )
  const rows = finite.filter((row) => classes[row] !== undefined)
  const [broken, unlabelled] = [imageIds.length - finite.length, finite.length - rows.length]
  if (broken > 0)
    subject.note(`${broken} samples of ${name} have features that are not finite and are left out.`)
  if (unlabelled > 0) subject.note(`${unlabelled} samples of ${name} have no class and are left out.`)
  if (rows.length >= 3) return rows
  throw new DataError(
    'evaluation/too-few-samples',
    `${name} has ${rows.length} samples that can be used: a space has no shape with fewer than three`,
    { data: name, samples: rows.length },
  )
}

/** Direction in which a number of a space gets better; the others describe it. */
const better: Readonly<Record<string, 'max' | 'min'>> = {
  separability: 'max',
  matchingMargin: 'max',
  matchingMean: 'max',
  diagonalMean: 'max',
  similarityCorrelation: 'max',
  alignment: 'min',
  imageUniformity: 'min',
  textUniformity: 'min',
}

/** Rows of features; the features themselves, which may be large, where all rows are kept. */
const keptRows = (features: Float32Array, width: number, rows: readonly number[]): Float32Array =>
  rows.length * width === features.length ? features : gatheredRows(features, width, rows)

function measuredOf(
  pairs: Pairs,
  uniformities: readonly [images: number, texts: number],
): Record<string, Measured> {
  const { images, texts, width, concepts, classes } = pairs
  const both = { imageFeatures: images, textFeatures: texts, width }
  const { diversity, intraClassDistance, interClassDistance, separability } = featureGeometry({
    ...{ features: images, width, labels: classes },
  })
  const values: Record<string, number> = {
    ...alignment({ ...both, concepts, uniformities }),
    ...{ diversity, intraClassDistance, interClassDistance, separability },
    textDiversity: featureGeometry({ features: texts, width }).diversity,
    similarityCorrelation: similarityCorrelation(both),
  }
  const without = leaveOneOut(pairs)
  return Object.fromEntries(
    Object.entries(values).flatMap(([path, value]): [string, Measured][] => {
      if (Number.isNaN(value)) return []
      const interval = isJackknifed(path) ? jackknifeInterval(value, without[path]) : undefined
      return [
        [
          path,
          {
            ...{ value, count: concepts.length },
            ...(better[path] && { better: better[path] }),
            ...(interval?.every(Number.isFinite) && { interval }),
          },
        ],
      ]
    }),
  )
}

const isJackknifed = (path: string): path is Jackknifed => (jackknifed as readonly string[]).includes(path)

/** ‖u(i) − v(i)‖² of each pair, whose mean is the alignment. */
const squaredDistances = ({ images, texts, width, concepts }: Pairs): number[] =>
  concepts.map((_, row) => {
    let sum = 0
    for (let k = row * width; k < (row + 1) * width; k++) sum += (images[k]! - texts[k]!) ** 2
    return sum
  })

/** Numbers in words, in the order of the table. */
const words: Readonly<Record<string, readonly [name: string, meaning: string]>> = {
  matchingMargin: ['Alignment score', 'cosine of matching pairs, less that of others'],
  matchingMean: ['Matching', 'mean cosine of images with captions of their concept'],
  nonMatchingMean: ['Not matching', 'mean cosine of images with captions of other concepts'],
  diagonalMean: ['Own caption', 'mean cosine of an image with its own caption'],
  offDiagonalMean: ['Other captions', 'mean cosine of an image with those of all others'],
  similarityCorrelation: ['Correlation', 'are two images as alike as their captions? −1 to 1'],
  alignment: ['Alignment', 'mean squared distance of pairs, 0 to 4; lower is better'],
  imageUniformity: ['Uniformity of images', '0 for one point; the lower, the more evenly spread'],
  textUniformity: ['Uniformity of captions', 'the same of captions'],
  modalityGap: ['Modality gap', 'distance between the mean image and the mean caption, 0 to 2'],
  diversity: ['Diversity of images', 'mean squared distance from the mean, 0 to 1'],
  textDiversity: ['Diversity of captions', 'the same of captions'],
  separability: [
    'Separability',
    'distance between classes over distance within; 1 where classes say nothing',
  ],
  interClassDistance: ['Between classes', 'mean squared distance of images of different classes'],
  intraClassDistance: ['Within classes', 'mean squared distance of images of one class'],
}

function tableSection(metrics: Readonly<Record<string, Measured>>): Section {
  const columns = [
    { title: 'Number' },
    { title: 'Value', digits: 3 },
    { title: '95 % interval' },
    { title: 'Meaning' },
  ]
  const rows = Object.entries(words).flatMap(([path, [name, meaning]]) => {
    const measured = metrics[path]
    const range = measured?.interval?.map((end) => formatNumber(end, 3)).join(' to ')
    return measured ? [[name, measured.value, range, meaning]] : []
  })
  return { title: 'Shape of the space', body: htmlTable({ columns, rows }) }
}

const figureOf = ({ value, interval }: Measured): Figure => ({
  label: 'Alignment score',
  value: formatNumber(value, 3),
  more: `matching less other pairs${interval ? `; ${interval.map((end) => formatNumber(end, 3)).join(' to ')}` : ''}`,
})
