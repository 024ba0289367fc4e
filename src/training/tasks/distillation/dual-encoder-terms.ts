import { l2Normalize, type Tensor } from '../../../graph/index.ts'
import {
  affinityLosses,
  type ContrastiveTargets,
  featureDistances,
  interactiveLosses,
  relationalDistances,
  similarityDivergences,
} from '../../../losses/index.ts'
import { type DualEncoder, featureWidth } from '../../../models/index.ts'
import type { LossTerm } from '../../strategies/add-losses.ts'
import type { FeatureObjective } from '../../strategies/cached-feature-task.ts'
import type { Leaves } from '../../strategies/leaves.ts'
import { contrastiveTargets, imageFeatures, textFeatures } from '../contrastive-task.ts'
import { type Projections, projectionsTo } from './projections.ts'

/** A term of the distillation of a dual encoder: a loss that compares it with its teachers. */
export type DualEncoderTerm =
  | { readonly kind: 'logits' | 'affinity'; readonly weight: number; readonly temperature: number }
  | { readonly kind: 'features' | 'interactive' | 'relational'; readonly weight: number }

/** A frozen dual encoder whose unit features the batches hold: `<name>.imageFeatures`, `<name>.textFeatures`. */
export interface DualEncoderTeacher {
  readonly name: string
  /** Width of its features. */
  readonly width: number
  /** Factor of its similarities. */
  readonly scale: number
}

/** Names of the arrays of a teacher's outputs. */
export const teacherArrays = ({ name }: Pick<DualEncoderTeacher, 'name'>) => ({
  images: `${name}.imageFeatures`,
  texts: `${name}.textFeatures`,
})

/** Unit features of a batch, [batch, width] each. */
interface Views {
  readonly images: Tensor
  readonly texts: Tensor
}

/** Values that a term compares. */
interface Compared {
  readonly student: Views
  readonly teachers: readonly Views[]
  /** Scaled similarities [batch, batch]; of several teachers their mean. */
  readonly logits: Tensor
  readonly teacherLogits: Tensor
  readonly logitScale: Tensor
  targets(): ContrastiveTargets
  /** The student's features in the space of each teacher. */
  projected(): readonly Views[]
}

type Kind = DualEncoderTerm['kind']

/** The losses by kind, each [batch]: a missing row does not compile. */
const losses: {
  readonly [K in Kind]: (compared: Compared, term: Extract<DualEncoderTerm, { readonly kind: K }>) => Tensor
} = {
  logits: ({ logits, teacherLogits }, { temperature }) =>
    similarityDivergences(logits, teacherLogits, temperature),
  affinity: ({ logits, teacherLogits }, { temperature }) =>
    affinityLosses(logits, teacherLogits, temperature),
  features: ({ teachers, projected }) =>
    meanOf(projected().map((own, i) => ofBoth(own, teachers[i]!, featureDistances))),
  interactive: ({ teachers, projected, targets, logitScale }) =>
    meanOf(
      projected().map(({ images, texts }, i) =>
        interactiveLosses(images, texts, teachers[i]!, { logitScale, ...targets() }),
      ),
    ),
  relational: ({ student, teachers }) =>
    meanOf(teachers.map((teacher) => ofBoth(student, teacher, relationalDistances))),
}

/** The kinds of terms of a dual encoder. */
export const dualEncoderTerms = Object.keys(losses) as readonly Kind[]

/** Kinds that compare the student with a teacher in the teacher's space. */
const inSpaceOfTeacher: readonly Kind[] = ['features', 'interactive']

/**
 * The losses of a student that learns from teachers, for `contrastiveTask`. `logits` and `affinity` compare it with the mean
 * of the teachers' scaled similarities. The spaces of teachers have nothing to do with each other, so the others are means
 * over the teachers; `features` and `interactive` need the student's features in the space of each, by projections that
 * they learn where the widths differ and share.
 */
export function dualEncoderDistillation(
  model: DualEncoder,
  teachers: readonly DualEncoderTeacher[],
  terms: readonly DualEncoderTerm[],
): LossTerm[] {
  const projections = projectionsTo(teachers, featureWidth(model))
  return terms.map((term) => ({
    name: term.kind,
    weight: term.weight,
    objective: objectiveOf(model, teachers, projections, term),
    ...(inSpaceOfTeacher.includes(term.kind) && { parameters: projections.parameters }),
  }))
}

const objectiveOf = (
  model: DualEncoder,
  teachers: readonly DualEncoderTeacher[],
  projections: Projections,
  term: DualEncoderTerm,
): FeatureObjective => ({
  features: (leaves) => ({
    image: imageFeatures(model, leaves),
    text: textFeatures(model, leaves),
  }),
  loss({ image, text }, leaves) {
    const build = losses[term.kind] as (compared: Compared, term: DualEncoderTerm) => Tensor
    const views = { images: image!, texts: text! }
    const sampleLosses = build(comparedOf(model, teachers, projections, views, leaves), term)
    return { loss: sampleLosses.mean(), sampleLosses }
  },
})

function comparedOf(
  model: DualEncoder,
  teachers: readonly DualEncoderTeacher[],
  projections: Projections,
  raw: Views,
  leaves: Leaves,
): Compared {
  const student = { images: l2Normalize(raw.images), texts: l2Normalize(raw.texts) }
  const known = teachers.map((teacher) => {
    const { images, texts } = teacherArrays(teacher)
    return { images: leaves.get(images), texts: leaves.get(texts) }
  })
  const logitScale = model.scale()
  const scaled = known.map(({ images, texts }, i) => similarity(images.mul(teachers[i]!.scale), texts))
  return {
    student,
    teachers: known,
    logits: similarity(student.images.mul(logitScale), student.texts),
    teacherLogits: meanOf(scaled),
    logitScale,
    targets: () => contrastiveTargets(leaves),
    projected: () =>
      teachers.map((teacher) => ({
        images: l2Normalize(projections.project(teacher, 'image', raw.images)),
        texts: l2Normalize(projections.project(teacher, 'text', raw.texts)),
      })),
  }
}

/** [batch, width] twice → [batch, batch], an image a row. */
const similarity = (images: Tensor, texts: Tensor): Tensor =>
  images.matmul(texts, { transposeB: true, exact: true })

/** The mean of a loss of the images and of the texts. */
const ofBoth = (own: Views, teacher: Views, loss: (own: Tensor, teacher: Tensor) => Tensor): Tensor =>
  loss(own.images, teacher.images).add(loss(own.texts, teacher.texts)).mul(0.5)

const meanOf = (values: readonly Tensor[]): Tensor =>
  values.reduce((sum, value) => sum.add(value)).mul(1 / values.length)
