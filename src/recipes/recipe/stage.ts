import { z } from 'zod'
import { sourceSpec } from '../../data/index.ts'

const count = z.int().positive()

/** A stage of progressive training: see docs/recipes.md. */
export const stage = z.strictObject({
  /** Name of the stage, and of its directory. */
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, dots and dashes only'),
  /** Heads that the stage trains. */
  heads: z.array(z.string()).nonempty(),
  /** Train the heads of the stages before further, so that they keep up with the base. */
  rehearse: z.boolean().default(false),
  /** Value of the monitored metric on the validation data at which the stage ends. */
  threshold: z.number(),
  /** Budget of the stage: passes over the training data in one repeat. */
  epochs: z.number().positive().default(10),
  /**
   * Largest number of trainings of the stage, each from the best weights so far, until it passes; then the next stage
   * begins.
   */
  repeats: count.default(1),
  batches: z.strictObject({ size: count.default(32) }).prefault({}),
  /** Training data. Default: the recipe's. */
  data: sourceSpec.optional(),
  validation: z
    .strictObject({
      /** Validation data. Default: the recipe's. */
      data: sourceSpec.optional(),
      /**
       * Metric that is compared with the threshold. Default: `<head>.success` of its one head; for several heads
       * `success`, their mean.
       */
      monitor: z.string().optional(),
      /** Direction of improvement: `max` or `min`. Default: the objective's direction of the metric. */
      direction: z.enum(['max', 'min']).optional(),
    })
    .prefault({}),
})

export type Stage = z.output<typeof stage>
