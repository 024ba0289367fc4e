import { z } from 'zod'
import { sourceSpec } from '../../data/index.ts'

const count = z.int().positive()

/** A stage of progressive training: see docs/recipes.md. */
export const stage = z.strictObject({
  /** Also the name of its directory. */
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, dots and dashes only'),
  /** Heads that are learned in it. */
  heads: z.array(z.string()).nonempty(),
  /** Whether the heads of the stages before it are learned further, so that they keep up with the base. */
  rehearse: z.boolean().default(false),
  /** Value of the monitored metric on the validation data that ends the stage. */
  threshold: z.number(),
  /** Its budget: passes over the training data in one repeat. */
  epochs: z.number().positive().default(10),
  /** How often it is begun again, from its best weights, until it passes; then the next stage comes. */
  repeats: count.default(1),
  batches: z.strictObject({ size: count.default(32) }).prefault({}),
  /** Default: the recipe's. */
  data: sourceSpec.optional(),
  validation: z
    .strictObject({
      /** Default: the recipe's. */
      data: sourceSpec.optional(),
      /** The metric that is compared with the threshold. Default: `<head>.success` of its one head; of several, `success`, their mean. */
      monitor: z.string().optional(),
      /** Whether more (`max`) or less (`min`) of it is better. Default: what the objective knows of the metric. */
      direction: z.enum(['max', 'min']).optional(),
    })
    .prefault({}),
})

export type Stage = z.output<typeof stage>
