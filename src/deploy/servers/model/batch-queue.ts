import { RequestError } from '../../../core/index.ts'
import type { Lane, Outcome } from './lanes.ts'

/** An item that waits for its turn. */
export interface QueuedItem {
  readonly item: unknown
  /** Number of samples in it. */
  readonly rows: number
  /** Time of its arrival in milliseconds. */
  readonly since: number
  readonly settle: (outcome: Outcome) => void
}

/** Items that are computed together. */
export interface QueuedBatch {
  readonly lane: Lane
  readonly items: readonly QueuedItem[]
}

/** Bounds of a queue. */
export interface QueueBounds {
  /** Largest number of samples that wait. */
  readonly queue: number
  /** Largest number of samples in a batch; an item of more is one by itself. */
  readonly batch: number
  /** Longest time in milliseconds that an item waits for its turn. */
  readonly deadline: number
  /** Time in milliseconds that the first item of a batch waits for others. */
  readonly batchDelay: number
}

const rowsOf = (items: readonly QueuedItem[]): number => items.reduce((sum, { rows }) => sum + rows, 0)

/** Number of the first items that have so many samples together, at least one. */
function firstOf(items: readonly QueuedItem[], batch: number): number {
  let rows = 0
  for (const [i, item] of items.entries()) {
    rows += item.rows
    if (rows > batch) return Math.max(1, i)
  }
  return items.length
}

/** Items that wait, first in first out: a batch holds the oldest item and those of its lane behind it. */
export class BatchQueue {
  readonly #bounds: QueueBounds
  readonly #lanes = new Map<Lane, QueuedItem[]>()
  #size = 0

  constructor(bounds: QueueBounds) {
    this.#bounds = bounds
  }

  get size(): number {
    return this.#size
  }

  /**
   * Add items, all or none of them.
   * @throws RequestError `serve/busy` where there is no room for them.
   */
  add(lane: Lane, items: readonly QueuedItem[]): void {
    const { queue } = this.#bounds
    const rows = rowsOf(items)
    if (this.#size + rows > queue)
      throw new RequestError(
        'serve/busy',
        `the server has ${this.#size} samples to compute, takes at most ${queue}, and is asked for ${rows} more. ` +
          'Try again later',
        { waiting: this.#size, room: queue },
      )
    const waiting = this.#lanes.get(lane)
    if (waiting) waiting.push(...items)
    else this.#lanes.set(lane, [...items])
    this.#size += rows
  }

  /**
   * The next batch, which leaves the queue; undefined where none is to be computed yet.
   * @param now Time in milliseconds.
   */
  take(now: number): QueuedBatch | undefined {
    const lane = this.#oldestLane()
    if (lane === undefined) return undefined
    const waiting = this.#lanes.get(lane)!
    const { batch, batchDelay } = this.#bounds
    const count = firstOf(waiting, batch)
    if (count === waiting.length && rowsOf(waiting) < batch && now - waiting[0]!.since < batchDelay)
      return undefined
    const items = waiting.splice(0, count)
    if (waiting.length === 0) this.#lanes.delete(lane)
    this.#size -= rowsOf(items)
    return { lane, items }
  }

  /** Take out the items that have waited too long. */
  takeExpired(now: number): QueuedItem[] {
    const { deadline } = this.#bounds
    const expired: QueuedItem[] = []
    for (const [lane, waiting] of this.#lanes) {
      const fresh = waiting.findIndex(({ since }) => now - since < deadline)
      expired.push(...waiting.splice(0, fresh === -1 ? waiting.length : fresh))
      if (waiting.length === 0) this.#lanes.delete(lane)
    }
    this.#size -= rowsOf(expired)
    return expired
  }

  /** Time at which something is to be done next: a batch begins, or an item expires; undefined for an empty queue. */
  nextTime(isFree: boolean): number | undefined {
    const lane = this.#oldestLane()
    if (lane === undefined) return undefined
    const { since } = this.#lanes.get(lane)![0]!
    const { deadline, batchDelay } = this.#bounds
    return since + (isFree ? Math.min(batchDelay, deadline) : deadline)
  }

  #oldestLane(): Lane | undefined {
    let oldest: Lane | undefined
    let since = Number.POSITIVE_INFINITY
    for (const [lane, [first]] of this.#lanes) {
      if (first!.since >= since) continue
      since = first!.since
      oldest = lane
    }
    return oldest
  }
}
