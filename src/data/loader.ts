import { type Batch, DataError, int64, random } from '../core/index.ts'
import { collate, type PreparedBatch, type Row, takeRows } from './assemble-batch.ts'
import { BatchPreparation, type ReportedBatch, referenceKey } from './batch-preparation.ts'
import { BatchShare } from './batch-share.ts'
import { CaptionCounter, type CaptionCounts } from './captions-read.ts'
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
import type { BadSample } from './prepare.ts'
import { type PlannedBatch, Sampler, type SamplerOptions, startPosition } from './sampler.ts'
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
  readonly #captions: CaptionCounter
  readonly #mixing: ReturnType<typeof mixing>
  readonly #pool: PreparerPool
  readonly #preparation: BatchPreparation
  readonly #feedback: SelectionFeedback | undefined
  readonly #share: BatchShare
  readonly #sampler: Sampler
  readonly #plans: AsyncGenerator<PlannedBatch, void, undefined>
  /** Batches on their way, and those that have arrived but are not used up. */
  readonly #coming: (() => Promise<ReportedBatch | undefined>)[] = []
  readonly #ready: PreparedBatch[] = []
  /** Promise that resolves when the last request has reached its worker. */
  #posted: Promise<void> = Promise.resolve()
  readonly #bad = new Map<string, BadSample>()
  #position: LoaderPosition
  #waitSeconds = 0
  #closed = false

  constructor(options: LoaderOptions) {
    this.#options = options
    this.#position = options.position ?? { ...startPosition, taken: [] }
    const spec = prepareSpec(options)
    this.#mixing = mixing(options)
    this.#share = new BatchShare(options.members, {
      mixes: this.#mixing !== undefined,
      skips: options.onBadSample === 'skip',
    })
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
    this.#pool = workers === 0 ? inlinePool(spec) : new WorkerPool(workers, spec)
    this.#preparation = new BatchPreparation(options, spec, this.#pool, this.#share)
    this.#prefetch = prefetch
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
    const rows = this.#share.sort(await takeRows((index) => this.#peek(index), this.#sampling))
    this.#feedback?.handOut(
      rows.map(({ draw }) => draw),
      this.#ready[0]?.selected,
    )
    this.#advance(rows)
    this.#captions.count(rows)
    this.#topUp()
    await this.#posted // the caller may block this thread; the workers then have their requests
    this.#waitSeconds += (performance.now() - start) / 1000
    return rows.length === 0 ? undefined : this.#share.cut(this.#mix(this.#share.own(rows)))
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
    const numbers = rows.map(({ draw }) => this.#preparation.augmentationOf(draw.epoch))
    return { ...batch, arrays: { ...batch.arrays, augmentations: int64([rows.length], numbers) } }
  }

  async #peek(index: number): Promise<PreparedBatch | undefined> {
    while (this.#ready.length <= index) {
      if (this.#coming.length === 0) this.#request()
      const prepared = await this.#pool.waitFor(this.#coming.shift()!())
      if (prepared === undefined) return undefined
      const bad = await this.#share.gather(prepared.bad)
      for (const each of bad) this.#report(each.bad.id, each.bad)
      const unusable = new Set(bad.map(referenceKey))
      prepared.rows = prepared.rows.filter(({ draw }) => !unusable.has(referenceKey(draw)))
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
    const prepare = () =>
      plan.then(({ done, value }) => (done === true ? undefined : this.#preparation.prepare(value)))
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

  #report(key: string, { id, code, message, facts }: BadSample): void {
    if (this.#options.onBadSample !== 'skip') throw stoppedBy({ code, message, facts })
    this.#bad.set(key, { id, code, message, facts })
  }
}
