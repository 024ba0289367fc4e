import { z } from 'zod'
import { tolerances } from '../../models/index.ts'
import { groundingOptions } from './grounding-options.ts'

const positive = z.number().positive()
const weight = z.number().nonnegative()
const point = z.tuple([z.number().min(0).max(1), weight])

/** Rule to combine the losses of several heads: see `TaskWeighting`. */
const weighting = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('manual'), weights: z.record(z.string(), weight).default({}) }),
  z.strictObject({
    kind: z.literal('scheduled'),
    weights: z.record(
      z.string(),
      z
        .array(point)
        .nonempty()
        .refine(
          (points) => points.every(([at], i) => i === 0 || at > points[i - 1]![0]),
          'points go forward in the run',
        ),
    ),
  }),
  z.strictObject({ kind: z.literal('uncertainty') }),
  z.strictObject({ kind: z.literal('adaptive'), step: positive.default(0.01), floor: positive.default(0.1) }),
])

/** Options of imitation, which learns the right answers of labelled samples by heads: see `policyTask`. */
export const imitationOptions = z.strictObject({
  kind: z.literal('imitation'),
  /** Heads to train and measure. Default: all. */
  heads: z.array(z.string()).nonempty().optional(),
  weighting: weighting.prefault({ kind: 'manual' }),
  /** Train the first glance to lie on the box of this label, or each glance in turn on one; null: no such loss. */
  grounding: groundingOptions.nullable().default(null),
  box: z
    .strictObject({
      /** Threshold between quadratic and linear smooth L1, as a fraction of the image. */
      beta: positive.default(0.1),
      /** Factor of 1 − GIoU. */
      overlap: weight.default(0),
    })
    .prefault({}),
  tolerances: tolerances.prefault({}),
})

export type ImitationOptions = z.output<typeof imitationOptions>
