import { z } from 'zod'
import { float32 } from '../../../core/index.ts'
import { concat, constant, type Tensor } from '../../../graph/index.ts'
import { boxOverlapErrors, smoothL1Errors, softCrossEntropies } from '../../../losses/index.ts'
import { detection as detectionMetrics } from '../../../metrics/index.ts'
import { classAccuracy } from './class-accuracy.ts'
import type { BoxLossOptions, HeadKind } from './head-kind.ts'
import type { Unit } from './in-unit.ts'
import { classNames, label, layers, namesAllClasses, oneNameEach, unit } from './keys.ts'

const schema = z
  .strictObject({
    kind: z.literal('detection'),
    box: label,
    /** Label of the object's class; without it the head predicts no class. */
    category: label.optional(),
    classes: z.int().positive().default(80),
    classNames,
    ...layers,
    ...unit,
  })
  .refine(namesAllClasses, oneNameEach)

/**
 * Box and class of the object.
 *
 * The error of a box is smooth L1 between its numbers in units of `beta`, so that it is |d|/β far away, and
 * `overlap` · (1 − GIoU); that of the class is its cross entropy.
 */
export const detection: HeadKind<typeof schema, 'box', 'category'> = {
  schema,
  labels: {
    box: { key: 'box', kind: 'box' },
    category: { key: 'category', kind: 'class', optional: true },
  },
  outputs: ({ category, classes }) => 4 + (category === undefined ? 0 : classes),
  forward(raw, place, head) {
    const box = boxAround(place, raw.slice(1, 0, 4), head)
    return { box, ...(head.category !== undefined && { category: raw.slice(1, 4, 4 + head.classes) }) }
  },
  unit: { mean: ({ mean }) => mean },
  measured: ([left = 0, top = 0, right = 0, bottom = 0]) => [right - left, bottom - top],
  errors: (outputs, labels, _, options) => ({
    box: boxErrors(outputs.box, labels.box, options.box),
    ...(outputs.category &&
      labels.category && { category: softCrossEntropies(outputs.category, labels.category) }),
  }),
  metrics({ box, category }, { classes }, { overlap }) {
    const { meanOverlap, foundFraction } = detectionMetrics({ ...box, threshold: overlap })
    return {
      success: foundFraction,
      meanOverlap,
      ...(category && { accuracy: classAccuracy(category, classes) }),
    }
  },
  directions: ({ category }) => ({
    success: 'max',
    meanOverlap: 'max',
    ...(category !== undefined && { accuracy: 'max' }),
  }),
}

/** Sides of a box before any data is known, as fractions of the image. */
const usualSides = [0.2, 0.2] as const

/**
 * A box around the place that the command points at. Its centre is moved by fractions of the usual sides, and each side
 * is exp of an output times the usual side (Ren et al. 2015), so that left < right for every output. `mean` holds the
 * usual width and height.
 */
function boxAround(place: Tensor, raw: Tensor, { mean = [...usualSides] }: Unit): Tensor {
  const sides = constant(float32([2], mean))
  const [shift, stretch] = raw.split([2, 2], 1) as [Tensor, Tensor]
  const centre = place.add(shift.mul(sides)) // [batch, 2]
  const half = stretch.clamp(-4, 4).exp().mul(sides).mul(0.5)
  return concat([centre.sub(half), centre.add(half)], 1) // [batch, 4]
}

function boxErrors(prediction: Tensor, target: Tensor, { beta, overlap }: BoxLossOptions): Tensor {
  const distances = smoothL1Errors(prediction, target, beta)
    .mean(-1)
    .mul(1 / beta)
  return overlap === 0 ? distances : distances.add(boxOverlapErrors(prediction, target).mul(overlap))
}
