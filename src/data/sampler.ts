import { ConfigError } from '../core/index.ts'
import type { DataRecord } from './data-watch.ts'
import { type Draw, type OrderOptions, type Place, type PlacedDraw, SampleOrder } from './order.ts'
import type { Sample } from './sample.ts'
import { openSelection, type SamplerSpec } from './selection/sampler-spec.ts'
import { type SelectionPosition, SelectionTimeline } from './selection/selection-timeline.ts'

/** Position of a sampler between two batches: the next place in the stream, and the samples that still wait. */
export interface SamplerPosition extends Place {
  /** Samples put off because their concept was already in the batch. */
  readonly deferred: readonly DrawReference[]
  /** The data read so far; present only in a stream that is shuffled. */
  readonly data?: DataRecord
  /** Position of the selection; present only with a sampler that adapts to the training. */
  readonly selection?: SelectionPosition
}

/** A draw by its numbers. */
export interface DrawReference {
  readonly epoch: number
  readonly ordinal: number
}

/** The samples of one batch, and the position after it. */
export interface PlannedBatch {
  readonly draws: readonly Draw[]
  readonly after: Omit<SamplerPosition, 'selection'>
  /** State of the selection that chose the samples. */
  readonly selected?: unknown
}

export interface SamplerOptions extends OrderOptions {
  readonly batchSize: number
  /** Restriction to one sample of each concept in a batch. */
  readonly uniqueConcepts: boolean
  /** Choice of samples by the progress of training; default: all of them are dealt. */
  readonly sampler?: SamplerSpec
}

/** The beginning of the first pass. */
export const startPosition: SamplerPosition = { epoch: 0, block: 0, offset: 0, deferred: [] }

/** Concept of a sample, shared by samples that match each other's captions. */
export const conceptOf = (sample: Sample): string => sample.concept ?? sample.id

/**
 * Sampler that divides the stream of passes into batches of one size. A batch may span two passes, so no remainder is
 * dropped and every sample comes once in each pass. Only the last batch of a finite stream may be smaller.
 *
 * With `uniqueConcepts` a sample whose concept is in the batch already waits for the next batch that has room for it,
 * in order of arrival. At the end of a finite stream the waiting samples form batches of their own.
 *
 * With a `sampler` only the samples that its selection takes at the time are dealt; the others are skipped until the
 * next pass.
 * @throws ConfigError `data/too-few-concepts` when a sample has waited for more than a pass.
 */
export class Sampler {
  readonly #options: SamplerOptions
  readonly #order: SampleOrder
  #timeline: SelectionTimeline | undefined

  constructor(options: SamplerOptions) {
    this.#options = options
    this.#order = new SampleOrder(options)
  }

  /** Selection of a `sampler`, from the first batch on. */
  get timeline(): SelectionTimeline | undefined {
    return this.#timeline
  }

  /** Changes of the data with which the sampler went on. */
  get dataChanges(): readonly string[] {
    return this.#order.dataChanges
  }

  /** The batches from a position on. */
  async *batches(position: SamplerPosition): AsyncGenerator<PlannedBatch, void, undefined> {
    const timeline = await this.#openTimeline(position)
    const accepts = ({ ordinal }: DrawReference) => timeline === undefined || timeline.accepts(ordinal)
    const draws = this.#order.draws(position)
    const end: Place = { epoch: this.#options.epochs ?? 0, block: 0, offset: 0 }
    try {
      let deferred = await this.#restore(position.deferred)
      let next = await pull(draws)
      while (next !== undefined || deferred.length > 0) {
        timeline?.advance()
        const batch = new BatchPlan(this.#options)
        deferred = deferred.filter((draw) => accepts(draw) && !batch.take(draw))
        for (; next !== undefined && !batch.full; next = await pull(draws)) {
          if (accepts(next) && !batch.take(next)) deferred.push(next)
          this.#checkWaiting(deferred, next)
        }
        const waiting = deferred.map(({ epoch, ordinal }) => ({ epoch, ordinal }))
        const place = next?.place ?? end
        const data = this.#order.recordAt(place)
        const after = { ...place, deferred: waiting, ...(data && { data }) }
        yield { draws: batch.draws, after, ...(timeline && { selected: timeline.state }) }
      }
    } finally {
      await draws.return()
    }
  }

  async #openTimeline({ selection }: SamplerPosition): Promise<SelectionTimeline | undefined> {
    const { sampler, seed, onBad } = this.#options
    if (sampler === undefined) return undefined
    const opened = await openSelection(sampler, seed, () => this.#order.inOrder(), onBad)
    this.#timeline = new SelectionTimeline(opened, selection)
    return this.#timeline
  }

  async #restore(references: readonly DrawReference[]): Promise<Draw[]> {
    const samples = await this.#order.samplesAt(references.map(({ ordinal }) => ordinal))
    return references.flatMap(({ epoch, ordinal }, index) => {
      const sample = samples[index]
      return sample ? [{ epoch, ordinal, sample }] : []
    })
  }

  #checkWaiting(deferred: readonly Draw[], now: Draw): void {
    const oldest = deferred[0]
    if (oldest === undefined || now.epoch < oldest.epoch + 2) return
    const concept = conceptOf(oldest.sample)
    const { batchSize, source } = this.#options
    throw new ConfigError(
      'data/too-few-concepts',
      `source ${source.name} has too many samples of concept "${concept}" for batches of ${batchSize} without two of ` +
        'one concept; lower batchSize or set uniqueConcepts to false',
      { source: source.name, concept, batchSize },
    )
  }
}

/** A batch while it is filled. */
class BatchPlan {
  readonly draws: Draw[] = []
  readonly #options: SamplerOptions
  readonly #concepts = new Set<string>()

  constructor(options: SamplerOptions) {
    this.#options = options
  }

  get full(): boolean {
    return this.draws.length === this.#options.batchSize
  }

  /** Add a draw if there is room for it; false when there is none. */
  take({ sample, epoch, ordinal }: Draw): boolean {
    const concept = conceptOf(sample)
    if (this.full || (this.#options.uniqueConcepts && this.#concepts.has(concept))) return false
    this.#concepts.add(concept)
    this.draws.push({ sample, epoch, ordinal })
    return true
  }
}

async function pull(draws: AsyncGenerator<PlacedDraw, void, undefined>): Promise<PlacedDraw | undefined> {
  const { done, value } = await draws.next()
  return done === true ? undefined : value
}
