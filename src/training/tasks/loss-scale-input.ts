import { float32, type HostArray } from '../../core/index.ts'
import { input, scalar, type Tensor } from '../../graph/index.ts'
import type { StepRequest } from '../task.ts'

/** The gradient of what is trained with respect to the loss: 1, or the loss scale, which is fed. A scalar. */
export const lossScaleLeaf = ({ lossScale }: StepRequest): Tensor =>
  lossScale === undefined ? scalar(1) : input('lossScale', [])

/** What a program with `lossScaleLeaf` is fed. */
export const lossScaleFeed = ({ lossScale }: StepRequest): Readonly<Record<string, HostArray>> =>
  lossScale === undefined ? {} : { lossScale: float32([], [lossScale]) }
