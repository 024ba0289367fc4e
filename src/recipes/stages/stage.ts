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
  /** What the monitored number must reach on the validation data. */
  threshold: z.number(),
  /** That number. Default: `<head>.success` of its one head; of several, `success`, their mean. */
  monitor: z.string().optional(),
  /** Its budget: passes over the training data in one repeat. */
  epochs: z.number().positive().default(10),
  /** How often it is begun again, from its best weights, until it passes; then the next stage comes. */
  repeats: count.default(1),
  batchSize: count.default(32),
  /** Default: those of the recipe. */
  data: sourceSpec.optional(),
  validation: sourceSpec.optional(),
})

export type Stage = z.output<typeof stage>

/** One training of one stage, as `stages.json` records it. */
export interface StageRecord {
  readonly stage: string
  /** Counts from 1. */
  readonly repeat: number
  /** Its own run, below that of the whole. */
  readonly directory: string
  /** Where its weights came from; null: fresh ones. */
  readonly base: string | null
  readonly heads: readonly string[]
  readonly monitor: string
  readonly threshold: number
  /** The best validation; none when it ended before one. */
  readonly best?: { readonly step: number; readonly value: number }
  readonly steps: number
  readonly epochs: number
  readonly passed: boolean
}
