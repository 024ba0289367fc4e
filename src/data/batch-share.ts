import { type Batch, DataError, sliceRows } from '../core/index.ts'
import type { Row } from './assemble-batch.ts'
import type { BatchMembers } from './loader-options.ts'
import type { Draw } from './order.ts'
import type { BadSample } from './prepare.ts'
import { noTexts } from './text-rows.ts'

/** A bad sample, and the draw that met it. */
export interface BadDraw extends Pick<Draw, 'epoch' | 'ordinal'> {
  readonly bad: BadSample
}

/**
 * The part of one member of the batches that all members plan. A sample belongs to one of them, who prepares it; where samples are
 * mixed with each other, everyone prepares all. Members tell each other their bad samples, so that all go on with the same rows.
 */
export class BatchShare {
  readonly #members: BatchMembers | undefined
  readonly #mixes: boolean
  readonly #skips: boolean

  constructor(members: BatchMembers | undefined, { mixes, skips }: { mixes: boolean; skips: boolean }) {
    this.#members = members && members.size > 1 ? members : undefined
    this.#mixes = mixes
    this.#skips = skips
  }

  /** Rank of the member to whom the place of a planned batch belongs. */
  ownerOf(place: number, places: number): number {
    return this.#members ? Math.floor((place * this.#members.size) / places) : 0
  }

  /** True for a row that this member prepares. */
  prepares(owner: number): boolean {
    return !this.#members || this.#mixes || owner === this.#members.rank
  }

  /** The rows of a planned batch in its order: the prepared ones, and those of other members without their arrays. */
  merge(draws: readonly Draw[], prepared: ReadonlyMap<Draw, Row>): Row[] {
    return draws.flatMap((draw, place) => {
      const owner = this.ownerOf(place, draws.length)
      const row = prepared.get(draw)
      if (row) return [{ ...row, owner }]
      return this.prepares(owner) ? [] : [{ draw, owner, index: -1, arrays: {}, texts: noTexts }]
    })
  }

  /** The bad samples of all members. */
  async gather(bad: readonly BadDraw[]): Promise<readonly BadDraw[]> {
    if (!this.#members || this.#mixes || !this.#skips) return bad
    const lines = bad.map((each) => `${JSON.stringify(each)}\n`).join('')
    const all = await this.#members.gather(new Uint8Array(Buffer.from(lines)))
    const told = Buffer.from(all).toString().split('\n').slice(0, -1)
    return told.map((line) => JSON.parse(line) as BadDraw)
  }

  /** The rows of a batch in the order of their members, as their features and losses are gathered. */
  sort(rows: Row[]): Row[] {
    return this.#members && !this.#mixes ? rows.sort((a, b) => a.owner - b.owner) : rows
  }

  /** The rows of a batch that this member prepared. @throws DataError when it has none. */
  own(rows: readonly Row[]): readonly Row[] {
    const own = rows.filter(({ owner }) => this.prepares(owner))
    if (own.length === 0 && rows.length > 0) throw nothingOf(this.#members!, rows.length)
    return own
  }

  /** Part of this member of a batch whose samples were mixed. */
  cut(batch: Batch): Batch {
    if (!this.#members || !this.#mixes) return batch
    const count = batch.ids.length
    const places = batch.ids.map((_, place) => place)
    const own = places.filter((place) => this.ownerOf(place, count) === this.#members!.rank)
    if (own.length === 0) throw nothingOf(this.#members, count)
    const [first, end] = [own[0]!, own.at(-1)! + 1]
    const arrays = Object.entries(batch.arrays).map(
      ([name, array]) => [name, sliceRows(array, first, end)] as const,
    )
    return { ids: batch.ids.slice(first, end), arrays: Object.fromEntries(arrays) }
  }
}

const nothingOf = ({ rank, size }: BatchMembers, count: number): DataError =>
  new DataError(
    'data/no-usable-sample',
    `rank ${rank} of ${size} has no sample of a batch of ${count}: take larger batches, or fewer members`,
    { rank, size, count },
  )
