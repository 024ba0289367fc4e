import type { Tensor } from '../../graph/index.ts'

/**
 * Dropout of a model. In use nothing is dropped: {@link keepAll}. A task that trains the model gives its own dropout,
 * which makes an input for each mask and feeds it.
 */
export type Drop = (x: Tensor, rate: number) => Tensor

export const keepAll: Drop = (x) => x
