import { type HostArray, hostArray, sizeOf } from '../core/index.ts'
import type { Arena } from '../engine/index.ts'

/**
 * Communication between the members of a data-parallel run. A task gathers features and the trainer sums gradients
 * through it. Neither knows the number of members, and losses do not know of members at all.
 */
export interface Communicator {
  /** Number of members. */
  readonly size: number
  /** Rank of this member, from 0. */
  readonly rank: number
  /** The rows of all members, in the order of their ranks. */
  gather<Rows extends HostArray['data']>(rows: Rows): Promise<Rows>
  /** Sum gradients over all members, element by element, in place. */
  sum(gradients: Arena): Promise<void>
}

/** Communicator of a run with one member. */
export const alone: Communicator = {
  size: 1,
  rank: 0,
  gather: async (rows) => rows,
  sum: async () => {},
}

/** The rows of all members, starting with rank 0. */
export async function gatherRows(
  { dtype, shape, data }: HostArray,
  communicator: Communicator,
): Promise<HostArray> {
  const [, ...rest] = shape
  const all = await communicator.gather(data)
  return hostArray(dtype, [all.length / sizeOf(rest), ...rest], all)
}

/** Offset of this member's samples among those of all members, and the number of all. */
export async function placeAmong(
  count: number,
  communicator: Communicator,
): Promise<{ first: number; total: number }> {
  const counts = Array.from(await communicator.gather(BigInt64Array.of(BigInt(count))), Number)
  const sum = (parts: readonly number[]) => parts.reduce((total, part) => total + part, 0)
  return { first: sum(counts.slice(0, communicator.rank)), total: sum(counts) }
}
