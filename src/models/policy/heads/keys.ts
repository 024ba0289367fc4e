import { z } from 'zod'

export const label = z.string().min(1)

/** A dropout rate in training. */
export const dropRate = z.number().min(0).lt(1)

/** Keys of every head: widths of its hidden layers, and their dropout rate. */
export const layers = {
  hidden: z.array(z.int().positive()).default([256]),
  /** Default: the model's. */
  dropout: dropRate.optional(),
}

/**
 * Mean and scale from a head's last layer to a label's unit: the outputs are multiplied by `scale`, one factor for all,
 * and `mean` is added, so that metres and radians both begin near 1. Default: taken from the training data.
 */
export const unit = { mean: z.array(z.number()).optional(), scale: z.number().positive().optional() }

/** Names of the classes, in the order of their numbers. Default: those that the training data gives. */
export const classNames = z.array(z.string().min(1)).optional()

/** Check that there are as many names as classes. */
export const namesAllClasses = ({
  classes,
  classNames,
}: {
  readonly classes: number
  readonly classNames?: readonly string[] | undefined
}): boolean => classNames === undefined || classNames.length === classes

export const oneNameEach = { path: ['classNames'], message: 'as many names as there are classes' }
