import { type Batch, DataError, int64, random } from '../core/index.ts'
import { sendable } from './array-rows.ts'
import { collate, type PreparedBatch, type Row, takeRows } from './assemble-batch.ts'
import { CaptionCounter, type CaptionCounts, captionsSent } from './captions-read.ts'
import { SampleDecoder } from './decode-sample.ts'
import { type LoaderFeedback, SelectionFeedback } from './loader-feedback.ts'
import {
  defaultWorkers,
  type LoaderOptions,
  type LoaderPosition,
  mixing,
  prepareSpec,
  samplerOptions,
} from './loader-options.ts'
import { mixBatch } from './mix/mix-batch.ts'
import type { Draw } from './order.ts'
import type { BadSample, PrepareRow } from './prepare.ts'
import {
  conceptOf,
  type DrawReference,
  type PlannedBatch,
  Sampler,
  type SamplerOptions,
  startPosition,
} from './sampler.ts'
import { needsLosses } from './selection/sampler-spec.ts'
import { stoppedBy } from './sources/bad-sample.ts'
import { inlinePool, type PreparerPool, WorkerPool } from './worker-pool.ts'

/** Batches in their order. Ends with `close`, with its last batch, or when its iteration is left. */
export interface Loader extends AsyncIterable<Batch> {
  /** Position after the batch handed out last. `epoch` is the pass of the next sample. */
  readonly position: LoaderPosition
  /** Total time that `next` had to wait for a batch. */
  readonly waitSeconds: number
  /** Bad samples met so far, each once. */
  readonly badSamples: readonly BadSample[]
  /** Captions of the first pass so far, and count of those that were cut because they were longer than a row. */
  readonly captions: CaptionCounts
  /** Changes of the data since the position, with which the loader went on: a sentence each. */
  readonly dataChanges: readonly string[]
  /** Feedback of a loader with a `sampler`; undefined without one. */
  readonly feedback: LoaderFeedback | undefined
  [Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined>
  close(): Promise<void>
}

/**
 * Batches of a source, prepared in worker threads ahead of their use. Everything but `waitSeconds` depends on the
 * options only: not on the number of threads, nor on timing. With a `sampler` it also depends on its `feedback`; a
 * batch is chosen by the feedback before the batch that comes `prefetch` + 1 earlier.
 *
 * Arrays: `pixelValues` float32 [batch, 3, size, size], of a source with several cameras [batch, cameras, 3, size, size]; `concepts` int64 [batch], equal for samples of one concept, in
 * every batch; for each of `texts` its token ids and mask int64 [batch, length]; for each of `images` float32 [batch,
 * 3, resolution, resolution]; for each label of the source float32 [batch, numbers] under its name (a class is a
 * distribution over the classes) and `<name>Present` float32 [batch], 1 where the sample has it; each array of the
 * source, [batch, ...shape]. With `mix` also the arrays that `mixBatch` adds; with `augmentations` also `augmentations`
 * int64 [batch], the number of each sample's augmentation.
 * @throws ConfigError for transforms that are unknown, out of range, out of order or impossible for a label to follow,
 * for labels and arrays with the name of another one, for wrong eyes (`data/eye-name`, `data/eye`), and `data/mixing`
 * for arrays without `mixing`.
 * @throws DataError from iteration: `data/unreadable-image`, `data/bad-label`, `data/bad-array` and errors of the
 * source (`onBadSample: 'fail'`), `data/empty-source`, `data/no-usable-sample`, `data/worker-failed`.
 */
export function loader(options: LoaderOptions): Loader {
  return new WorkerLoader(options)
}

class WorkerLoader implements Loader {
  readonly #options: LoaderOptions
  readonly #sampling: SamplerOptions
  readonly #prefetch: number
  readonly #captionsSent: ReturnType<typeof captionsSent>
  readonly #captions: CaptionCounter
  readonly #mixing: ReturnType<typeof mixing>
  readonly #decoded: SampleDecoder
  readonly #pool: PreparerPool
  readonly #feedback: SelectionFeedback | undefined
  readonly #sampler: Sampler
  readonly #plans: AsyncGenerator<PlannedBatch, void, undefined>
  /** Batches on their way, and those that have arrived but are not used up. */
  readonly #coming: (() => Promise<ReportedBatch | undefined>)[] = []
  readonly #ready: PreparedBatch[] = []
  /** Promise that resolves when the last request has reached its worker. */
  #posted: Promise<void> = Promise.resolve()
  readonly #slots = new Map<string, number>()
  readonly #bad = new Map<string, BadSample>()
  #position: LoaderPosition
  #isFirst = true
  #waitSeconds = 0
  #closed = false

  constructor(options: LoaderOptions) {
    this.#options = options
    this.#position = options.position ?? { ...startPosition, taken: [] }
    const spec = prepareSpec(options)
    this.#mixing = mixing(options)
    const { workers = defaultWorkers(), prefetch = 4 } = options
    this.#sampling = samplerOptions(options, ({ code, message, facts }) =>
      this.#report(message, { id: '', code, message, facts }),
    )
    const sampler = new Sampler(this.#sampling)
    this.#sampler = sampler
    this.#plans = sampler.batches(this.#position)
    const start = this.#position.selection
    this.#feedback =
      this.#sampling.sampler &&
      new SelectionFeedback(() => sampler.timeline, { losses: needsLosses(this.#sampling.sampler), start })
    this.#decoded = new SampleDecoder(spec.square, spec.eyes, spec.views)
    this.#pool = workers === 0 ? inlinePool(spec) : new WorkerPool(workers, spec)
    this.#prefetch = prefetch
    this.#captionsSent = captionsSent(spec)
    this.#captions = new CaptionCounter(this.#position.epoch)
    this.#topUp()
  }

  get position(): LoaderPosition {
    const selection = this.#feedback?.position
    return { ...this.#position, ...(selection && { selection }) }
  }

  get feedback(): LoaderFeedback | undefined {
    return this.#feedback
  }

  get dataChanges(): readonly string[] {
    return this.#sampler.dataChanges
  }

  get captions(): CaptionCounts {
    return this.#captions.counts
  }

  get waitSeconds(): number {
    return this.#waitSeconds
  }

  get badSamples(): readonly BadSample[] {
    return [...this.#bad.values()]
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    try {
      for (let batch = await this.#next(); batch !== undefined; batch = await this.#next()) yield batch
    } finally {
      await this.close()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pool.close()
    await this.#plans.return()
  }

  async #next(): Promise<Batch | undefined> {
    if (this.#closed) throw new DataError('data/loader-closed', 'this loader is closed: make another one')
    const start = performance.now()
    const rows = await takeRows((index) => this.#peek(index), this.#sampling)
    this.#feedback?.handOut(
      rows.map(({ draw }) => draw),
      this.#ready[0]?.selected,
    )
    this.#advance(rows)
    this.#captions.count(rows)
    this.#topUp()
    await this.#posted // the caller may block this thread; the workers then have their requests
    this.#waitSeconds += (performance.now() - start) / 1000
    return rows.length === 0 ? undefined : this.#mix(rows)
  }

  /** Rows as a batch, mixed with each other where mixing is on. */
  #mix(rows: readonly Row[]): Batch {
    const batch = this.#numbered(rows)
    if (this.#mixing === undefined) return batch
    const { epoch, sample } = rows[0]!.draw
    const captions = rows.map(({ texts }) => texts.caption)
    const stream = random(this.#options.seed, 'mix', epoch, sample.id)
    return mixBatch(batch, { ...this.#mixing, captions, random: stream })
  }

  /** Rows as a batch, with the numbers of their augmentations where these come again. */
  #numbered(rows: readonly Row[]): Batch {
    const batch = collate(rows)
    if (!this.#options.augmentations) return batch
    const numbers = rows.map(({ draw }) => this.#augmentationOf(draw.epoch))
    return { ...batch, arrays: { ...batch.arrays, augmentations: int64([rows.length], numbers) } }
  }

  #augmentationOf(epoch: number): number {
    const { augmentations } = this.#options
    return augmentations ? epoch % augmentations.count : epoch
  }

  async #peek(index: number): Promise<PreparedBatch | undefined> {
    while (this.#ready.length <= index) {
      if (this.#coming.length === 0) this.#request()
      const prepared = await this.#pool.waitFor(this.#coming.shift()!())
      if (prepared === undefined) return undefined
      for (const bad of prepared.bad) this.#report(bad.id, bad)
      this.#ready.push(prepared)
    }
    return this.#ready[index]
  }

  /** Drop used batches, and move the position. */
  #advance(rows: readonly Row[]): void {
    const usedUp = this.#ready.findIndex((prepared) => prepared.rows.length > 0)
    const dropped = this.#ready.splice(0, usedUp === -1 ? this.#ready.length : usedUp)
    this.#feedback?.useUp(dropped)
    const over = new Set(dropped.flatMap(({ draws }) => draws.map(referenceKey)))
    const taken = [...this.#position.taken, ...rows.map(({ draw }) => draw)]
      .filter((reference) => !over.has(referenceKey(reference)))
      .map(({ epoch, ordinal }) => ({ epoch, ordinal }))
    this.#position = { ...(dropped.at(-1)?.after ?? this.#position), taken }
  }

  /**
   * Plan further batches up to a function of the position, so that a resumed loader plans in the same steps. Left-over
   * rows never fill another batch, so the next one needs no fewer prepared ones.
   */
  #topUp(): void {
    while (this.#coming.length < this.#prefetch) this.#request()
  }

  /** Plan a batch, and have it prepared: by a worker at once, by this thread when its turn comes. */
  #request(): void {
    const plan = this.#plans.next()
    const prepare = () => plan.then(({ done, value }) => (done === true ? undefined : this.#prepare(value)))
    if (this.#pool.isInline) this.#coming.push(prepare)
    else {
      const prepared = prepare()
      prepared.catch(() => {}) // told to whom it is handed, in its turn
      this.#coming.push(() => prepared)
    }
    this.#posted = plan.then(
      () => {},
      () => {},
    )
  }

  async #prepare({ draws, after, selected }: PlannedBatch): Promise<ReportedBatch> {
    const taken = new Set(this.#options.position?.taken.map(referenceKey))
    const fresh = draws.filter((draw) => !taken.has(referenceKey(draw)))
    const parts = await Promise.all(this.#partsOf(fresh).map((part) => this.#preparePart(part)))
    return {
      draws,
      after,
      selected,
      rows: parts.flatMap(({ rows }) => rows),
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

  async #preparePart(part: readonly Draw[]): Promise<Pick<ReportedBatch, 'rows' | 'bad'>> {
    const { arrays, texts, bad } = await this.#pool.prepare(part.map((draw) => this.#rowOf(draw)))
    const unusable = new Set(bad.map(({ row }) => row))
    const rows = part
      .map((draw, index) => ({ draw, index, arrays, texts: texts[index]! }))
      .filter(({ index }) => !unusable.has(index))
    return { rows, bad }
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
      epoch: this.#augmentationOf(epoch),
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

  #report(key: string, { id, code, message, facts }: BadSample): void {
    if (this.#options.onBadSample !== 'skip') throw stoppedBy({ code, message, facts })
    this.#bad.set(key, { id, code, message, facts })
  }
}

type ReportedBatch = PreparedBatch & { readonly bad: readonly BadSample[] }

const referenceKey = ({ epoch, ordinal }: DrawReference): string => `${epoch}/${ordinal}`
