import { z } from 'zod'
import { type SourceSpec, sourceSpec } from '../../data/index.ts'
import { nearestNeighbourClassifier } from '../../metrics/index.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Subject } from '../suite/subject.ts'
import { classificationFindings } from './classification-findings.ts'
import { labelledData, sharedClasses, withClasses } from './labelled-data.ts'
import { requiresOtherData } from './requires-dual-encoder.ts'

export interface NearestNeighboursOptions {
  readonly kind: 'nearestNeighbours'
  /** Data whose images are the neighbours. */
  readonly train: SourceSpec
  /** Name of a label of kind `class`. Default: the only one; without any, the concepts, named by their first caption. */
  readonly label?: string
  /** Number of neighbours that vote. Default 20. */
  readonly k: number
}

const schema: z.ZodType<NearestNeighboursOptions> = z.strictObject({
  kind: z.literal('nearestNeighbours'),
  train: sourceSpec,
  label: z.string().exactOptional(),
  k: z.int().min(1).default(20),
})

/** Options of {@link nearestNeighboursEvaluator} for a suite. */
export const nearestNeighbours = (
  options: Omit<NearestNeighboursOptions, 'kind' | 'k'> & { readonly k?: number },
) => ({ kind: 'nearestNeighbours', ...options }) as const

/**
 * Classification by the nearest training images in the model's space: see `nearestNeighbourClassifier`. Nothing is learned, so
 * that the numbers tell of the space alone. Classes belong together by name.
 */
export const nearestNeighboursEvaluator = {
  schema,
  refusal(subject, options) {
    return requiresOtherData(subject, options)
  },
  async evaluate(subject: Subject, { train, label, k }: NearestNeighboursOptions): Promise<Findings> {
    const choice = label === undefined ? {} : { label }
    const judged = await labelledData(subject, choice)
    const known = await labelledData(subject, choice, { name: `${subject.name}/train`, spec: train })
    const names = sharedClasses(known, judged)
    const test = withClasses(judged, names, { finite: false })
    const gallery = withClasses(known, names, { finite: true })
    const unshared = judged.labels.length - test.labels.length
    if (unshared > 0) subject.note(`${unshared} samples are left out: no neighbour is of their classes.`)
    const left = known.labels.length - gallery.labels.length
    if (left > 0)
      subject.note(
        `${left} neighbours do not vote: their features are not finite, or their classes are not those of ${subject.name}.`,
      )
    if (k > gallery.labels.length)
      subject.note(`There are ${gallery.labels.length} neighbours, fewer than ${k}: all of them vote.`)
    const { width, samples } = judged.data.features
    const neighbours = { features: gallery.images, labels: gallery.labels }
    const scores = nearestNeighbourClassifier({
      ...neighbours,
      queries: test.images,
      width,
      classes: names.length,
      k,
    })
    const { labels, ids, clusters } = test
    return classificationFindings({ names, labels, ids, clusters, scores, samples, seed: subject.seed })
  },
} satisfies Evaluator<NearestNeighboursOptions>
