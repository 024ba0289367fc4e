import { RequestError } from '../../../core/index.ts'
import { BatchQueue, type QueueBounds, type QueuedBatch, type QueuedItem } from './batch-queue.ts'
import type { GraphDescription, Instance, Lane, Outcome, Work } from './lanes.ts'

/** Options of a pool. */
export interface PoolOptions extends QueueBounds {
  /** Number of instances, each in a process of its own. */
  readonly instances: number
}

/** Receivers of what happens in a pool. */
export interface PoolEvents {
  /** A sentence for people, such as that an instance died. */
  readonly note: (text: string) => void
  /** A batch is computed. @param milliseconds Time from its sending to its answer. */
  readonly computed: (lane: Lane, items: number, milliseconds: number) => void
  /** Time in milliseconds that an item waited for its turn. */
  readonly waited: (milliseconds: number) => void
  readonly restarted: () => void
}

/** Start of one instance. @param signal Sign that it is needed no more: what has begun then ends. */
export type StartInstance = (signal: AbortSignal) => Promise<Instance>

/** First and longest pause in milliseconds before an instance is started again; each failure doubles it. */
const pauses = { first: 100, longest: 10_000 }

/**
 * Instances of a model, and the items that wait for them. An item is computed with others of its lane as soon as an instance
 * is free: batches grow while the model is busy. An instance that dies is started again; the items of its batch fail, those
 * that wait go on waiting.
 */
export class ModelPool {
  readonly graphs: readonly GraphDescription[]
  readonly #queue: BatchQueue
  readonly #start: StartInstance
  readonly #events: PoolEvents
  readonly #free: Instance[] = []
  readonly #alive = new Set<Instance>()
  #timer: NodeJS.Timeout | undefined
  #running = 0
  readonly #end = new AbortController()
  #isStopping = false
  #onIdle: (() => void) | undefined

  private constructor(
    first: readonly Instance[],
    start: StartInstance,
    options: PoolOptions,
    events: PoolEvents,
  ) {
    this.graphs = first[0]!.graphs
    this.#queue = new BatchQueue(options)
    this.#start = start
    this.#events = events
    for (const instance of first) this.#add(instance)
  }

  /** @throws Errors of `start`. */
  static async start(start: StartInstance, options: PoolOptions, events: PoolEvents): Promise<ModelPool> {
    const { signal } = new AbortController()
    const started = await Promise.allSettled(Array.from({ length: options.instances }, () => start(signal)))
    const alive = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = started.find((result) => result.status === 'rejected')
    if (!failed) return new ModelPool(alive, start, options, events)
    await Promise.all(alive.map((instance) => instance.stop()))
    throw failed.reason
  }

  /** True while an instance can compute. */
  get isReady(): boolean {
    return this.#alive.size > 0 && !this.#isStopping
  }

  get waiting(): number {
    return this.#queue.size
  }

  get instances(): number {
    return this.#alive.size
  }

  /** A policy's answers to observations. @throws Errors of {@link submit}, and those of the item that is wrong. */
  act(items: readonly Work['act']['item'][]): Promise<Work['act']['answer'][]> {
    return this.#answers<'act'>('act', items)
  }

  /** The chunks of actions that a policy answers to observations. @throws Errors of {@link submit}, and those of an observation. */
  chunks(observations: readonly Work['chunk']['item'][]): Promise<Work['chunk']['answer'][]> {
    return this.#answers<'chunk'>('chunk', observations)
  }

  /** Captions of images. Each counts as many samples as it follows texts at once. */
  captions(
    images: readonly Work['caption']['item']['image'][],
    search: Work['caption']['item']['search'],
  ): Promise<Work['caption']['answer'][]> {
    const items = images.map((image) => ({ image, search }))
    return this.#answers<'caption'>('caption', items, search.beams)
  }

  images(items: readonly Work['image']['item'][]): Promise<Work['image']['answer'][]> {
    return this.#answers<'image'>('image', items)
  }

  texts(items: readonly Work['text']['item'][]): Promise<Work['text']['answer'][]> {
    return this.#answers<'text'>('text', items)
  }

  /** Outputs of a graph. @param name Name of one of {@link graphs}. @param rows Number of samples. */
  async graph(name: string, arrays: Work['graph']['item'], rows: number): Promise<Work['graph']['answer']> {
    const [answer] = await this.#answers<'graph'>(`graph:${name}`, [arrays], rows)
    return answer!
  }

  async #answers<K extends keyof Work>(
    lane: Lane,
    items: readonly Work[K]['item'][],
    rows = 1,
  ): Promise<Work[K]['answer'][]> {
    const outcomes = await this.submit(lane, items, rows)
    return outcomes.map((outcome) => {
      if ('error' in outcome) throw outcome.error
      return outcome.answer as Work[K]['answer']
    })
  }

  /**
   * Outcomes of items of one lane, in their order.
   * @param rows Number of samples in each item. Default 1.
   * @throws RequestError `serve/busy` where the queue has no room, `serve/stopping`.
   */
  async submit(lane: Lane, items: readonly unknown[], rows = 1): Promise<readonly Outcome[]> {
    if (this.#isStopping) throw stopping()
    if (items.length === 0) return []
    const since = performance.now()
    const outcomes = items.map((item) => {
      const { promise, resolve } = withResolvers<Outcome>()
      return { promise, queued: { item, rows, since, settle: resolve } satisfies QueuedItem }
    })
    this.#queue.add(
      lane,
      outcomes.map(({ queued }) => queued),
    )
    this.#go()
    return Promise.all(outcomes.map(({ promise }) => promise))
  }

  /** Finish what was taken, and end the instances. @param within Longest time for that in milliseconds. */
  async stop(within: number): Promise<void> {
    this.#isStopping = true
    if (this.#running > 0 || this.#queue.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, within)
      })
      await Promise.race([idle, late])
      clearTimeout(timer)
    }
    clearTimeout(this.#timer)
    this.#end.abort()
    for (const { settle } of this.#queue.takeExpired(Number.POSITIVE_INFINITY)) settle({ error: stopping() })
    await Promise.all([...this.#alive].map((instance) => instance.stop()))
  }

  #add(instance: Instance): void {
    this.#alive.add(instance)
    this.#free.push(instance)
    void instance.death.then((reason) => this.#replace(instance, reason))
  }

  async #replace(dead: Instance, reason: string): Promise<void> {
    this.#alive.delete(dead)
    const place = this.#free.indexOf(dead)
    if (place !== -1) this.#free.splice(place, 1)
    if (this.#isStopping && this.#queue.size === 0) return
    this.#events.note(`an instance of the model ${reason}; it is started again`)
    const { signal } = this.#end
    for (let pause = pauses.first; !signal.aborted; pause = Math.min(2 * pause, pauses.longest)) {
      await new Promise((resolve) => setTimeout(resolve, pause).unref())
      try {
        if (signal.aborted) return
        this.#add(await this.#start(signal))
        this.#events.restarted()
        return this.#go()
      } catch (error) {
        if (signal.aborted) return
        this.#events.note(`an instance of the model cannot be started again: ${(error as Error).message}`)
      }
    }
  }

  /** Hand out what can be computed, and come back when more can or an item expires. */
  #go(): void {
    const now = performance.now()
    for (const { settle, since } of this.#queue.takeExpired(now)) settle({ error: late(now - since) })
    while (this.#free.length > 0) {
      const batch = this.#queue.take(now)
      if (batch === undefined) break
      void this.#compute(this.#free.shift()!, batch)
    }
    clearTimeout(this.#timer)
    const next = this.#queue.nextTime(this.#free.length > 0)
    if (next !== undefined) this.#timer = setTimeout(() => this.#go(), Math.max(1, next - now))
    if (this.#running === 0 && this.#queue.size === 0) this.#onIdle?.()
  }

  async #compute(instance: Instance, { lane, items }: QueuedBatch): Promise<void> {
    const start = performance.now()
    for (const { since } of items) this.#events.waited(start - since)
    this.#running++
    try {
      const outcomes = await instance.run({ lane, items: items.map(({ item }) => item) })
      this.#events.computed(lane, items.length, performance.now() - start)
      for (const [i, { settle }] of items.entries()) settle(outcomes[i]!)
      if (this.#alive.has(instance)) this.#free.push(instance)
    } catch (error) {
      for (const { settle } of items) settle({ error })
      const isDead = error instanceof RequestError && error.code === 'serve/instance'
      if (!isDead && this.#alive.has(instance)) this.#free.push(instance)
    } finally {
      this.#running--
      this.#go()
    }
  }
}

const stopping = (): RequestError =>
  new RequestError('serve/stopping', 'the server is stopping and takes no more')

const late = (milliseconds: number): RequestError =>
  new RequestError(
    'serve/deadline',
    `the model was busy for ${Math.round(milliseconds)} ms and did not come to this request. Try again later`,
    { milliseconds },
  )

function withResolvers<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
