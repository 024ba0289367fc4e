import { z } from 'zod'
import { DataError } from '../../core/index.ts'
import {
  bootstrapStatistic,
  crossModalRanksByBlocks,
  type RankedQueries,
  rankMetrics,
} from '../../metrics/index.ts'
import { type Figure, formatNumber } from '../../report/index.ts'
import { requiresDualEncoder } from '../dual/requires-dual-encoder.ts'
import type { Evaluator, Findings } from './evaluator.ts'
import { type Measured, meanMeasured, type SampleValues } from './measured.ts'
import { retrievalSections } from './retrieval-sections.ts'
import type { Features, Subject } from './subject.ts'

export interface RetrievalOptions {
  readonly kind: 'retrieval'
}

/** Options of {@link retrievalEvaluator} for a suite. */
export const retrieval = (): RetrievalOptions => ({ kind: 'retrieval' })

/**
 * Retrieval in both directions over the whole gallery, with all captions that a sample has for tests: recalls R@1, R@5 and R@10
 * in percent with Wilson's intervals, median and mean rank with bootstrap intervals, where the captions of one image are a cluster. See `crossModalRetrieval` for ties and NaN.
 * Values of samples are 0 or 100, whose mean is the recall, and the ranks themselves.
 * @throws DataError `evaluation/one-answer` for data in which every answer is right.
 */
export const retrievalEvaluator = {
  schema: z.strictObject({ kind: z.literal('retrieval') }),
  refusal: requiresDualEncoder,
  async evaluate(subject: Subject): Promise<Findings> {
    const features = await subject.features()
    requireWrongAnswers(subject.name, features)
    tellNotFinite(subject, features)
    const ranked = await crossModalRanksByBlocks(features, subject.products(features.width))
    const { imageIds, textIds, textCaptions } = features
    const [ofImages, ofTexts] = [await subject.clusters(imageIds), await subject.clusters(textIds)]
    const images = directionOf('imageToText', ranked.imageToText, imageIds, ofImages, subject.seed)
    const captions = textIds.map((id, row) => `${id}#${textCaptions[row]}`)
    const texts = directionOf('textToImage', ranked.textToImage, captions, ofTexts, subject.seed)
    const gallery = (value: number): Measured => ({ value, count: value })
    return {
      metrics: {
        ...images.metrics,
        ...texts.metrics,
        'gallery.images': gallery(features.imageIds.length),
        'gallery.captions': gallery(features.textIds.length),
      },
      headline: ['imageToText.R@1', 'textToImage.R@1'],
      samples: { ...images.samples, ...texts.samples },
      sections: await retrievalSections(features, ranked),
      figures: [
        figureOf('Images find captions', images.metrics['imageToText.R@1']!, features.textIds.length),
        figureOf('Captions find images', texts.metrics['textToImage.R@1']!, features.imageIds.length),
      ],
    }
  },
} satisfies Evaluator<RetrievalOptions>

/** Metrics of one direction, and the values of its queries. */
function directionOf(
  way: string,
  { ranks }: RankedQueries,
  ids: readonly string[],
  clusters: readonly string[] | undefined,
  seed: number,
) {
  const count = ranks.length
  const { MedR, MeanR } = rankMetrics(ranks)
  const metrics: Record<string, Measured> = {}
  const samples: Record<string, SampleValues> = {}
  const samplesOf = (values: readonly number[]): SampleValues => ({
    ids,
    values,
    ...(clusters && { clusters }),
  })
  for (const k of [1, 5, 10]) {
    const values = Array.from(ranks, (rank) => (rank <= k ? 100 : 0))
    metrics[`${way}.R@${k}`] = meanMeasured({ values, clusters }, seed, 100)
    samples[`${way}.R@${k}`] = samplesOf(values)
  }
  const drawn = (statistic: 'MedR' | 'MeanR') =>
    bootstrapStatistic(count, (rows) => rankMetrics(gathered(ranks, rows))[statistic], {
      seed,
      clusters,
    }).interval
  metrics[`${way}.MedR`] = { value: MedR, interval: drawn('MedR'), better: 'min', count }
  metrics[`${way}.MeanR`] = { value: MeanR, interval: drawn('MeanR'), better: 'min', count }
  samples[`${way}.MeanR`] = samplesOf(Array.from(ranks))
  return { metrics, samples }
}

const gathered = (ranks: Int32Array, rows: Int32Array): Int32Array => rows.map((row) => ranks[row]!)

/** Refuse data in which nothing can be wrong. @throws DataError `evaluation/one-answer`. */
export function requireWrongAnswers(name: string, { imageConcepts, textIds, imageIds }: Features): void {
  if (new Set(imageConcepts).size > 1) return
  const message =
    `in '${name}' every answer is right: ${imageIds.length} images and ${textIds.length} captions are of one concept. ` +
    'Retrieval needs two at least; take more samples'
  throw new DataError('evaluation/one-answer', message, {
    name,
    images: imageIds.length,
    captions: textIds.length,
  })
}

function tellNotFinite(subject: Subject, { imageFeatures, textFeatures, width }: Features): void {
  for (const [what, values] of [
    ['images', imageFeatures],
    ['captions', textFeatures],
  ] as const) {
    const rows = new Set<number>()
    for (const [i, value] of values.entries()) if (!Number.isFinite(value)) rows.add(Math.floor(i / width))
    if (rows.size > 0)
      subject.note(
        `${rows.size} ${what} of '${subject.name}' have features that are not finite; they count as wrong`,
      )
  }
}

const figureOf = (label: string, { value, interval, count }: Measured, answers: number): Figure => ({
  label,
  value: `${formatNumber(value, 1)} %`,
  more: `at once (R@1), ${formatNumber(interval![0], 1)} to ${formatNumber(interval![1], 1)} %; ${count} queries among ${answers} answers`,
})
