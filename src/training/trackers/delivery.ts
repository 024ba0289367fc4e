import { setTimeout } from 'node:timers/promises'
import { formatNumber } from '../../report/index.ts'
import {
  type CallOptions,
  type Outcome,
  type TrackedRecord,
  type TrackedRun,
  type Tracker,
  TrackerRefusal,
} from './tracker.ts'

/** Limits of a delivery, in milliseconds and in records. */
export interface DeliveryPace {
  /** Time in which records gather before they are sent together. */
  readonly gather: number
  /** Time after which what is sent counts as unanswered. */
  readonly timeout: number
  /** Waiting before the second try; it doubles with every further one, up to `longestPause`. */
  readonly pause: number
  readonly longestPause: number
  /** Time that the end of a run waits for what is not delivered yet. */
  readonly patience: number
  /** The same for a tracker that did not answer when it was asked last. */
  readonly lastChance: number
  /** Records that wait at most; the oldest are given up first. */
  readonly capacity: number
  /** Records that are sent at once. */
  readonly batch: number
}

const usualPace: DeliveryPace = {
  ...{ gather: 1000, timeout: 30_000, pause: 1000, longestPause: 60_000 },
  ...{ patience: 30_000, lastChance: 5000, capacity: 10_000, batch: 100 },
}

export interface DeliveryOptions {
  readonly run: TrackedRun
  /** Id of the service's run to go on with. */
  readonly known: string | undefined
  /** Receiver of the id, as soon as it is known. */
  readonly onOpen: (id: string) => void
  readonly note: (text: string) => void
  readonly pace?: Partial<DeliveryPace>
}

/**
 * Delivery of a run's records to a tracker, beside the run: they wait in a queue of bounded length, are sent in order, and again
 * after a growing pause where the tracker does not answer. A tracker that is silent is told once; one that refuses is asked no more.
 */
export class Delivery {
  readonly #tracker: Tracker
  readonly #options: DeliveryOptions
  readonly #pace: DeliveryPace
  /** Signal that the run is over: pauses end. */
  readonly #closing = new AbortController()
  /** Signal that patience is over: requests end. */
  readonly #abandoned = new AbortController()
  #queue: TrackedRecord[] = []
  #id: string | undefined
  #added = 0
  #delivered = 0
  #failures = 0
  #reason: string | undefined
  #isTold = false
  #isRefused = false
  #work: Promise<void> | undefined
  /** The request that is under way. */
  #request = new AbortController()
  /** Time at which what is left is abandoned, and its timer. */
  #end = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(tracker: Tracker, options: DeliveryOptions) {
    this.#tracker = tracker
    this.#options = options
    this.#pace = { ...usualPace, ...options.pace }
  }

  add(record: TrackedRecord): void {
    this.#added++
    if (this.#isRefused) return
    this.#queue.push(record)
    this.#shorten()
    this.#work ??= this.#deliver()
  }

  /** Deliver what is left as long as patience lasts, then tell what was not delivered. Never rejects. */
  async close(outcome: Outcome): Promise<void> {
    const { patience, lastChance } = this.#pace
    this.#waitAtMost(this.#failures > 0 ? lastChance : patience)
    this.#closing.abort()
    await this.#work
    if (this.#id !== undefined && !this.#isRefused && !this.#abandoned.signal.aborted)
      await this.#try((options) => this.#tracker.close(this.#id ?? '', outcome, options))
    this.#abandon()
    this.#tellLoss()
  }

  async #deliver(): Promise<void> {
    await this.#pause(this.#pace.gather)
    while (this.#queue.length > 0 && !this.#abandoned.signal.aborted) {
      const isSent = await this.#try((options) => this.#sendNext(options))
      if (this.#isRefused) this.#queue = []
      else if (!isSent) await this.#pauseAfterFailure()
      else if (this.#queue.length < this.#pace.batch) await this.#pause(this.#pace.gather)
    }
    this.#work = undefined
  }

  async #sendNext(options: CallOptions): Promise<void> {
    if (this.#id === undefined) {
      const { run, known, onOpen } = this.#options
      const id = await this.#tracker.open(run, known, options)
      this.#id = id
      onOpen(id)
    }
    const records = this.#queue.splice(0, this.#pace.batch)
    try {
      await this.#tracker.send(this.#id, records, options)
      this.#delivered += records.length
    } catch (error) {
      this.#queue.unshift(...records)
      this.#shorten()
      throw error
    }
  }

  /** Call the tracker, within the time of a request. @returns True when it did what was asked. */
  async #try(call: (options: CallOptions) => Promise<void>): Promise<boolean> {
    const { note } = this.#options
    const request = new AbortController()
    this.#request = request
    const timer = globalThis.setTimeout(() => request.abort(), this.#pace.timeout)
    try {
      await call({ note, signal: request.signal })
      this.#failures = 0
      return true
    } catch (error) {
      this.#failures++
      this.#reason = (error as Error).message
      this.#isRefused = error instanceof TrackerRefusal
      if (this.#closing.signal.aborted) this.#waitAtMost(this.#pace.lastChance)
      if (!this.#abandoned.signal.aborted) this.#tellFailure()
      return false
    } finally {
      clearTimeout(timer)
    }
  }

  /** Abandon after some time what is not delivered then, if nothing ends it earlier. */
  #waitAtMost(milliseconds: number): void {
    const end = performance.now() + milliseconds
    if (end >= this.#end) return
    this.#end = end
    clearTimeout(this.#timer)
    this.#timer = globalThis.setTimeout(() => this.#abandon(), milliseconds)
  }

  #abandon(): void {
    clearTimeout(this.#timer)
    this.#abandoned.abort()
    this.#request.abort()
  }

  #tellFailure(): void {
    if (this.#isTold && !this.#isRefused) return
    this.#isTold = true
    const what = this.#isRefused
      ? `refuses this run (${this.#reason}), and is sent nothing more`
      : `does not answer (${this.#reason}) and is asked again later; the run goes on`
    this.#options.note(`warning: ${this.#tracker.title} ${what}`)
  }

  #tellLoss(): void {
    const lost = this.#added - this.#delivered
    if (lost === 0) return
    const counts = `${formatNumber(lost)} of ${formatNumber(this.#added)} records were not delivered`
    const reason = this.#reason ?? 'the run was over'
    this.#options.note(`warning: ${this.#tracker.title}: ${counts} (${reason}); metrics.jsonl has all`)
  }

  #shorten(): void {
    const surplus = this.#queue.length - this.#pace.capacity
    if (surplus > 0) this.#queue.splice(0, surplus)
  }

  /** Wait before another try: doubled with each failure; at the end of a run only briefly. */
  #pauseAfterFailure(): Promise<void> {
    const { pause, longestPause } = this.#pace
    const { signal } = this.#closing
    if (signal.aborted) return this.#pause(pause, this.#abandoned.signal)
    return this.#pause(Math.min(pause * 2 ** (this.#failures - 1), longestPause), signal)
  }

  async #pause(milliseconds: number, signal: AbortSignal = this.#closing.signal): Promise<void> {
    await setTimeout(milliseconds, undefined, { signal }).catch(() => {})
  }
}
