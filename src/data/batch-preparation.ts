import { sendable } from './array-rows.ts'
import type { PreparedBatch, Row } from './assemble-batch.ts'
import type { BadDraw, BatchShare } from './batch-share.ts'
import { captionsSent } from './captions-read.ts'
import { SampleDecoder } from './decode-sample.ts'
import type { LoaderOptions } from './loader-options.ts'
import type { Draw } from './order.ts'
import type { BadSample, PrepareRow, PrepareSpec } from './prepare.ts'
import { conceptOf, type DrawReference, type PlannedBatch } from './sampler.ts'
import type { PreparerPool } from './worker-pool.ts'

/** Rows of a planned batch, and the draws that could not be used. */
export type ReportedBatch = PreparedBatch & { readonly bad: readonly BadDraw[] }

/** Key of a draw, unique in a run. */
export const referenceKey = ({ epoch, ordinal }: DrawReference): string => `${epoch}/${ordinal}`

/** The way of a planned batch through the threads of a pool: what a member prepares of it, in which parts, with which images sent. */
export class BatchPreparation {
  readonly #options: Pick<LoaderOptions, 'position' | 'augmentations'>
  readonly #pool: PreparerPool
  readonly #share: BatchShare
  readonly #captionsSent: ReturnType<typeof captionsSent>
  readonly #decoded: SampleDecoder
  readonly #slots = new Map<string, number>()
  #isFirst = true

  constructor(
    options: Pick<LoaderOptions, 'position' | 'augmentations'>,
    spec: PrepareSpec,
    pool: PreparerPool,
    share: BatchShare,
  ) {
    this.#options = options
    this.#pool = pool
    this.#share = share
    this.#captionsSent = captionsSent(spec)
    this.#decoded = new SampleDecoder(spec.square, spec.eyes, spec.views)
  }

  /** Number of the augmentation of a pass; the pass itself unless augmentations come again. */
  augmentationOf(epoch: number): number {
    const { augmentations } = this.#options
    return augmentations ? epoch % augmentations.count : epoch
  }

  /** Prepare a batch but for rows that were taken before the loader's position. */
  async prepare({ draws, after, selected }: PlannedBatch): Promise<ReportedBatch> {
    const taken = new Set(this.#options.position?.taken.map(referenceKey))
    const fresh = draws.filter((draw) => !taken.has(referenceKey(draw)))
    const own = fresh.filter((_, place) => this.#share.prepares(this.#share.ownerOf(place, fresh.length)))
    const parts = await Promise.all(this.#partsOf(own).map((part) => this.#preparePart(part)))
    const prepared = new Map(parts.flatMap(({ rows }) => rows.map((row) => [row.draw, row] as const)))
    return {
      draws,
      after,
      selected,
      rows: this.#share.merge(fresh, prepared),
      bad: parts.flatMap(({ bad }) => bad),
    }
  }

  /** One part; of the first batch, which training waits for, one for each thread. */
  #partsOf(draws: readonly Draw[]): readonly (readonly Draw[])[] {
    if (!this.#isFirst) return [draws]
    this.#isFirst = false
    const { threads } = this.#pool
    const border = (part: number): number => Math.floor((draws.length * part) / threads)
    return Array.from({ length: threads }, (_, part) => draws.slice(border(part), border(part + 1)))
  }

  async #preparePart(part: readonly Draw[]): Promise<{ rows: Row[]; bad: BadDraw[] }> {
    const { arrays, texts, bad } = await this.#pool.prepare(part.map((draw) => this.#rowOf(draw)))
    const unusable = new Set(bad.map(({ row }) => row))
    const rows = part
      .map((draw, index) => ({ draw, index, arrays, texts: texts[index]!, owner: 0 }))
      .filter(({ index }) => !unusable.has(index))
    return { rows, bad: bad.map(({ row, ...sample }) => badDraw(part[row]!, sample)) }
  }

  #rowOf({ sample, epoch }: Draw): PrepareRow {
    const { id, image, views, origin, labels, arrays } = sample
    const slot = this.#slotOf(id)
    const cached = this.#decoded.has(slot)
    return {
      id,
      captions: this.#captionsSent(sample),
      origin,
      concept: conceptOf(sample),
      ...(labels && { labels }),
      ...(arrays && { arrays: sendable(arrays) }),
      epoch: this.augmentationOf(epoch),
      slot,
      image: cached ? undefined : image,
      ...(views && !cached && { views }),
    }
  }

  /** Place of an image in the cache; past its end when the cache is full. */
  #slotOf(id: string): number {
    const slot = this.#slots.get(id) ?? this.#slots.size
    if (slot < this.#decoded.slots) this.#slots.set(id, slot)
    return slot
  }
}

const badDraw = ({ epoch, ordinal }: Draw, bad: BadSample): BadDraw => ({ epoch, ordinal, bad })
