import type { Tensor } from '../../graph/index.ts'

/**
 * What a model does where numbers may be dropped. In use nothing is: {@link keepAll}. A task that trains the model
 * gives its own, which makes an input for each mask and feeds it.
 */
export type Drop = (x: Tensor, rate: number) => Tensor

export const keepAll: Drop = (x) => x
