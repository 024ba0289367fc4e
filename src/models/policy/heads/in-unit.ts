import { float32 } from '../../../core/index.ts'
import { constant, type Tensor } from '../../../graph/index.ts'
import { squaredErrors } from '../../../losses/index.ts'
import type { LabelMoments } from '../label-moments.ts'

/** Mean and scale from a head's last layer to a label's unit. */
export interface Unit {
  readonly mean?: readonly number[] | undefined
  readonly scale?: number | undefined
}

/** The unit of labels whose values are alike: their mean and their spread. */
export const meanAndSpread = {
  mean: (moments: LabelMoments) => moments.mean,
  scale: (moments: LabelMoments) => moments.spread(),
}

/** Outputs times the scale, plus the mean. */
export function inUnit(raw: Tensor, { mean, scale = 1 }: Unit): Tensor {
  const scaled = scale === 1 ? raw : raw.mul(scale)
  return mean ? scaled.add(constant(float32([mean.length], mean))) : scaled
}

/**
 * Mean squared error of each row, in units of `scale`, the labels' own spread: [batch]. Otherwise one metre and one
 * radian would weigh alike, and a task with close targets would weigh less.
 */
export const errorsInUnit = (prediction: Tensor, target: Tensor, scale = 1): Tensor =>
  squaredErrors(prediction, target)
    .mean(-1)
    .mul(scale ** -2)
