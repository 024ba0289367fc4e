import { setTimeout } from 'node:timers/promises'
import { deserialize, serialize } from 'node:v8'
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
  gather<Rows extends HostArray['data'] | Float64Array>(rows: Rows): Promise<Rows>
  /** Sum gradients over all members, element by element, in place. */
  sum(gradients: Arena): Promise<void>
  /** The bytes of rank 0, given to all. @param bytes Read on rank 0 only. */
  broadcast(bytes: Uint8Array): Promise<Uint8Array>
  /** Wait until all members have come. */
  barrier(): Promise<void>
}

/** Communicator of a run with one member. */
export const alone: Communicator = {
  size: 1,
  rank: 0,
  gather: async (rows) => rows,
  sum: async () => {},
  broadcast: async (bytes) => bytes,
  barrier: async () => {},
}

/** Seconds after which rank 0 says that it is still at work. */
const signPeriod = 5

/**
 * Do work on rank 0, and give its result, plain data, to all members. They wait for as long as rank 0 lives; the work
 * itself must not communicate.
 */
export async function lead<Result>(communicator: Communicator, work: () => Promise<Result>): Promise<Result> {
  if (communicator.size === 1) return work()
  if (communicator.rank > 0) return follow(communicator)
  const result = work()
  const ended = result.then(
    () => true,
    () => true,
  )
  while (!(await Promise.race([ended, pause()]))) await communicator.broadcast(new Uint8Array(0))
  await communicator.broadcast(serialize(await result))
  return result
}

async function follow<Result>(communicator: Communicator): Promise<Result> {
  for (;;) {
    const said = await communicator.broadcast(new Uint8Array(0))
    if (said.length > 0) return deserialize(said)
  }
}

const pause = (): Promise<false> => setTimeout(1000 * signPeriod, false, { ref: false })

/** Numbers of all members, summed: the same on each of them, bit for bit. */
export async function sumNumbers(
  numbers: Readonly<Record<string, number>>,
  communicator: Communicator,
): Promise<Record<string, number>> {
  if (communicator.size === 1) return { ...numbers }
  const names = Object.keys(numbers)
  const all = await communicator.gather(Float64Array.from(names, (name) => numbers[name]!))
  const sumOf = (place: number) =>
    all.reduce((sum, value, i) => (i % names.length === place ? sum + value : sum), 0)
  return Object.fromEntries(names.map((name, place) => [name, sumOf(place)]))
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
