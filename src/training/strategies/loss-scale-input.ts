import { float32, type HostArray } from '../../core/index.ts'
import { input, scalar, type Tensor } from '../../graph/index.ts'

/**
 * Gradient of the training objective with respect to the loss: the constant 1, or a loss scale as an input. A scalar.
 */
export const lossScaleLeaf = (scale: number | undefined): Tensor =>
  scale === undefined ? scalar(1) : input('lossScale', [])

/** Arrays to feed a program with `lossScaleLeaf`. */
export const lossScaleFeed = (scale: number | undefined): Readonly<Record<string, HostArray>> =>
  scale === undefined ? {} : { lossScale: float32([], [scale]) }
