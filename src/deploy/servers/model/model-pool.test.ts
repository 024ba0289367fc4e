import { afterEach, describe, expect, test } from 'vitest'
import { RequestError } from '../../../core/index.ts'
import type { Batch, Instance, Outcome } from './lanes.ts'
import { ModelPool, type PoolEvents, type PoolOptions } from './model-pool.ts'

/** An instance that answers each text with its length when it is let, and dies when it is told to. */
class FakeInstance implements Instance {
  readonly graphs = [{ name: 'model', inputs: [], outputs: [], isOfSamples: true, ranges: {} }]
  readonly death: Promise<string>
  readonly batches: Batch[] = []
  isStopped = false
  #die!: (reason: string) => void
  #pending: { finish: (outcomes: readonly Outcome[]) => void; fail: (error: Error) => void; batch: Batch }[] =
    []

  constructor() {
    this.death = new Promise((resolve) => {
      this.#die = resolve
    })
  }

  run(batch: Batch): Promise<readonly Outcome[]> {
    this.batches.push(batch)
    return new Promise((finish, fail) => this.#pending.push({ finish, fail, batch }))
  }

  /** Finish the batch in work. */
  async finish(): Promise<void> {
    const { finish, batch } = this.#pending.shift()!
    finish(
      batch.items.map((item) =>
        item === 'bad' ? { error: new Error('bad') } : { answer: String(item).length },
      ),
    )
    await settled()
  }

  async die(): Promise<void> {
    for (const { fail } of this.#pending) fail(new RequestError('serve/instance', 'died'))
    this.#die('was ended by SIGSEGV')
    await settled()
  }

  async stop(): Promise<void> {
    this.isStopped = true
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 2))

const pools: ModelPool[] = []
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.stop(0)))
})

async function poolOf(options: Partial<PoolOptions> = {}) {
  const instances: FakeInstance[] = []
  const notes: string[] = []
  const told = { restarts: 0, computed: [] as number[] }
  const events: PoolEvents = {
    note: (text) => void notes.push(text),
    computed: (_, items) => void told.computed.push(items),
    waited: () => {},
    restarted: () => void told.restarts++,
  }
  const start = async () => {
    const instance = new FakeInstance()
    instances.push(instance)
    return instance
  }
  const usual = { instances: 1, batch: 4, batchDelay: 0, queue: 8, deadline: 10_000 }
  const pool = await ModelPool.start(start, { ...usual, ...options }, events)
  pools.push(pool)
  return { pool, instances, notes, told }
}

const textsOf = (instance: FakeInstance) => instance.batches.map(({ items }) => items)

describe('a pool', () => {
  test('computes what arrives at once, and together what arrives meanwhile', async () => {
    const { pool, instances, told } = await poolOf()
    const asked = ['a', 'bb', 'ccc'].map((text) => pool.texts([text]))
    await instances[0]!.finish()
    await instances[0]!.finish()
    expect((await Promise.all(asked)).flat()).toEqual([1, 2, 3])
    expect(textsOf(instances[0]!)).toEqual([['a'], ['bb', 'ccc']])
    expect(told.computed).toEqual([1, 2])
  })

  test('waits for a batch to fill where it may, and no longer', async () => {
    const { pool, instances } = await poolOf({ batchDelay: 40 })
    const first = pool.texts(['a'])
    await settled()
    expect(instances[0]!.batches).toEqual([])
    const second = pool.texts(['bb'])
    await expect.poll(() => instances[0]!.batches.length).toBe(1)
    await instances[0]!.finish()
    expect((await Promise.all([first, second])).flat()).toEqual([1, 2])
    const full = pool.texts(['a', 'b', 'c', 'd'])
    expect(textsOf(instances[0]!)[1]).toEqual(['a', 'b', 'c', 'd'])
    await instances[0]!.finish()
    await full
  })

  test('keeps kinds of work apart, and the order of arrival', async () => {
    const { pool, instances } = await poolOf()
    const asked = [
      pool.texts(['first']),
      pool.images([{ file: 'a.png' }]),
      pool.texts(['second']),
      pool.images([{ file: 'b.png' }]),
    ]
    for (let i = 0; i < 3; i++) await instances[0]!.finish()
    await Promise.all(asked)
    expect(instances[0]!.batches.map(({ lane, items }) => [lane, items.length])).toEqual([
      ['text', 1],
      ['image', 2],
      ['text', 1],
    ])
  })

  test('counts the samples of arrays: a batch holds no more than it may, but for an item that is larger alone', async () => {
    const { pool, instances } = await poolOf()
    const arrays = (rows: number) =>
      ({ x: { dtype: 'float32', shape: [rows, 1], data: new Float32Array(rows) } }) as const
    const asked = [1, 3, 2, 5].map((rows) =>
      pool.submit('graph:model', [arrays(rows)], rows).catch(() => 'busy'),
    )
    expect(await asked[3]).toBe('busy')
    for (let i = 0; i < 3; i++) await instances[0]!.finish()
    await Promise.all(asked)
    expect(instances[0]!.batches.map(({ items }) => items.length)).toEqual([1, 1, 1])
  })

  test('gives an error to the item that has it, and answers to the others', async () => {
    const { pool, instances } = await poolOf()
    const [good, bad, other] = ['x', 'bad', 'good'].map((text) => pool.texts([text]))
    const failed = expect(bad).rejects.toThrow('bad')
    await instances[0]!.finish()
    await instances[0]!.finish()
    await failed
    expect([await good, await other]).toEqual([[1], [4]])
  })
})

describe('a pool that is asked for too much', () => {
  test('refuses what goes beyond its queue, all of a request or nothing', async () => {
    const { pool, instances } = await poolOf({ queue: 3 })
    const first = pool.texts(['in work'])
    const waiting = pool.texts(['a', 'b'])
    await expect(pool.texts(['c', 'd'])).rejects.toMatchObject({
      code: 'serve/busy',
      facts: { waiting: 2, room: 3 },
    })
    const last = pool.texts(['c'])
    await instances[0]!.finish()
    await instances[0]!.finish()
    expect([await first, await waiting, await last]).toEqual([[7], [1, 1], [1]])
  })

  test('refuses what has waited too long, also while the model is busy', async () => {
    const { pool, instances } = await poolOf({ deadline: 20 })
    const first = pool.texts(['in work'])
    await expect(pool.texts(['late'])).rejects.toMatchObject({ code: 'serve/deadline' })
    await instances[0]!.finish()
    expect(await first).toEqual([7])
    expect(pool.waiting).toBe(0)
  })
})

describe('an instance that dies', () => {
  test('fails its batch, is told and started again, and what waits is computed', async () => {
    const { pool, instances, notes, told } = await poolOf()
    const [first, second] = [pool.texts(['a']), pool.texts(['bb'])]
    const failed = expect(first).rejects.toMatchObject({ code: 'serve/instance' })
    await instances[0]!.die()
    await failed
    expect(pool.isReady).toBe(false)
    await expect.poll(() => instances.length, { timeout: 2000 }).toBe(2)
    await settled()
    expect(pool.isReady).toBe(true)
    await instances[1]!.finish()
    expect(await second).toEqual([2])
    expect(notes).toEqual(['an instance of the model was ended by SIGSEGV; it is started again'])
    expect(told.restarts).toBe(1)
  })

  test('leaves the others at work', async () => {
    const { pool, instances } = await poolOf({ instances: 2 })
    await instances[0]!.die()
    expect(pool.isReady).toBe(true)
    const answer = pool.texts(['a'])
    await instances[1]!.finish()
    expect(await answer).toEqual([1])
  })
})

describe('a pool that stops', () => {
  test('finishes what it took, takes no more, and ends its instances', async () => {
    const { pool, instances } = await poolOf()
    const asked = ['a', 'bb'].map((text) => pool.texts([text]))
    const stopped = pool.stop(5000)
    await expect(pool.texts(['c'])).rejects.toMatchObject({ code: 'serve/stopping' })
    await instances[0]!.finish()
    expect(instances[0]!.isStopped).toBe(false)
    await instances[0]!.finish()
    await stopped
    expect((await Promise.all(asked)).flat()).toEqual([1, 2])
    expect(instances[0]!.isStopped).toBe(true)
  })

  test('starts no other instance any more', async () => {
    const { pool, instances, notes } = await poolOf()
    await instances[0]!.die()
    await pool.stop(10)
    await new Promise((resolve) => setTimeout(resolve, 150)) // longer than the pause before it is started again
    expect(instances).toHaveLength(1)
    expect(notes).toHaveLength(1)
  })

  test('does not wait forever', async () => {
    const { pool, instances } = await poolOf()
    void pool.texts(['a']).catch(() => {})
    await pool.stop(10)
    expect(instances[0]!.isStopped).toBe(true)
  })
})
