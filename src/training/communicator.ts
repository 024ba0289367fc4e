import type { Arena } from '../engine/index.ts'

/**
 * What the members of a data-parallel run say to each other. A task gathers features and the trainer sums
 * gradients through it; neither knows whether there is more than one member, and losses never know at all.
 */
export interface Communicator {
  /** Number of members. */
  readonly size: number
  /** This member's place, from 0. */
  readonly rank: number
  /** The rows of all members, in the order of their ranks. */
  gather<Rows extends Float32Array | BigInt64Array>(rows: Rows): Promise<Rows>
  /** Element by element the sum over all members, in place. */
  sum(gradients: Arena): Promise<void>
}

/** A run of one. */
export const alone: Communicator = {
  size: 1,
  rank: 0,
  gather: async (rows) => rows,
  sum: async () => {},
}
