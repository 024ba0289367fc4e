import type { Tensor } from '../graph/index.ts'

/**
 * Dropout: sets values of `x` to zero at a rate in [0, 1) and scales the others up. In use nothing is dropped:
 * {@link keepAll}. A task that trains a model gives its own dropout, which makes an input for each mask and feeds it.
 */
export type Drop = (x: Tensor, rate: number) => Tensor

/** Dropout that drops nothing. */
export const keepAll: Drop = (x) => x

let current = keepAll

/**
 * Build a graph whose layers drop by `drop`. Layers deep inside a model are not called with a dropout of their own; it
 * holds for all that `build` builds, and for nothing else.
 */
export function withDropout<Built>(drop: Drop, build: () => Built): Built {
  const before = current
  current = drop
  try {
    return build()
  } finally {
    current = before
  }
}

/** Dropout within a layer, by the dropout of the graph that is being built. */
export const dropWithin: Drop = (x, rate) => (rate === 0 ? x : current(x, rate))
