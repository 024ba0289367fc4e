import { z } from 'zod'
import { readLogitScale } from '../../deploy/index.ts'
import { softmaxRows } from '../../metrics/index.ts'
import type { Evaluator, Findings } from '../suite/evaluator.ts'
import type { Subject } from '../suite/subject.ts'
import { type ClassChoice, classLabels } from './class-labels.ts'
import { classificationFindings } from './classification-findings.ts'
import { gatheredRows, similarityScores } from './feature-rows.ts'
import { classVectors, type PromptTemplates, templatesOf, templatesOption } from './prompt-templates.ts'
import { requiresDualEncoder } from './requires-dual-encoder.ts'

export interface ZeroShotOptions extends ClassChoice {
  readonly kind: 'zeroShot'
  /** A list of {@link promptTemplates} or one's own, each with `{}` for the name. Default `photo`. */
  readonly templates: PromptTemplates | readonly string[]
}

const schema = z.strictObject({
  kind: z.literal('zeroShot'),
  label: z.string().exactOptional(),
  classes: z.array(z.string()).exactOptional(),
  templates: templatesOption,
})

/** Options of {@link zeroShotEvaluator} for a suite. */
export const zeroShot = (options: Partial<Omit<ZeroShotOptions, 'kind'>> = {}) =>
  ({ kind: 'zeroShot', ...options }) as const

/**
 * Zero-shot classification: an image is of the class whose prompts are nearest to it. A class is the mean of the unit vectors
 * of its prompts, one a template; probabilities are the softmax of cosines times the model's learned factor.
 *
 * Source: Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (2021), section 3.1.
 */
export const zeroShotEvaluator = {
  schema,
  refusal: requiresDualEncoder,
  async evaluate(subject: Subject, { templates, ...choice }: ZeroShotOptions): Promise<Findings> {
    const prompts = templatesOf(templates)
    const features = await subject.features()
    const { source, name } = subject
    const found = classLabels({ name, source, features }, choice, (text) => subject.note(text))
    const images = gatheredRows(features.imageFeatures, features.width, found.rows)
    const classes = await classVectors(found.names, prompts, (texts) => subject.texts(texts))
    const scores = similarityScores(images, classes, features.width)
    tellUnusable(subject, scores, found.names.length)
    const scale = readLogitScale(subject.directory)
    const probabilities =
      scale === undefined
        ? undefined
        : softmaxRows(
            scores.map((cosine) => scale * cosine),
            found.names.length,
          )
    const { names, labels, ids } = found
    const { samples } = features
    const findings = await classificationFindings({
      ...{ names, labels, ids, scores, probabilities, samples },
      clusters: await subject.clusters(ids),
      seed: subject.seed,
    })
    return { ...findings, details: { ...findings.details, templates: prompts } }
  },
} satisfies Evaluator<ZeroShotOptions>

function tellUnusable(subject: Subject, scores: Float32Array, classes: number): void {
  let count = 0
  for (let start = 0; start < scores.length; start += classes) if (Number.isNaN(scores[start])) count++
  if (count > 0)
    subject.note(`${count} images of ${subject.name} have features that are not finite; they count as wrong.`)
}
