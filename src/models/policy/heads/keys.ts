import { z } from 'zod'

export const label = z.string().min(1)

/** A chance with which numbers are dropped in training. */
export const dropRate = z.number().min(0).lt(1)

/** What every head has: the widths of its hidden layers, and what part of them is dropped. */
export const layers = {
  hidden: z.array(z.int().positive()).default([256]),
  /** Default: the model's. */
  dropout: dropRate.optional(),
}

/**
 * What turns a head's last layer into a label's unit: `mean` is added, and the layer's outputs are multiplied by
 * `scale`, one number for all, so that metres and radians all begin near 1. Default: taken from the training data.
 */
export const unit = { mean: z.array(z.number()).optional(), scale: z.number().positive().optional() }
