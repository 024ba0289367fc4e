import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { EngineError, float32, int64, type Random, random } from '../../src/core/index.ts'
import { Engine, type Feed, Program, toDevice } from '../../src/engine/index.ts'
import { input, symbolicPrimes } from '../../src/graph/index.ts'

// A wrong pointer or length ends the process: whatever is fed, the library must see right ones only.

const [prime] = symbolicPrimes
const engine = new Engine({ threads: 1 })
const x = input('x', [prime, 3])
const outputs = {
  y: x.add(input('bias', [3])),
  rows: input('table', [4, 2]).gather(input('at', [2], 'int64')),
}
const compile = () =>
  engine.compile(outputs, { symbolicSizes: [{ prime, name: 'batch', input: x, axis: 0 }] })

const right = (): Record<string, unknown> => ({
  x: float32([2, 3], [1, 2, 3, 4, 5, 6]),
  bias: float32([3], [10, 20, 30]),
  table: float32([4, 2], [0, 1, 2, 3, 4, 5, 6, 7]),
  at: int64([2], [3, 1]),
})
const shapes: Readonly<Record<string, readonly number[]>> = { x: [2, 3], bias: [3], table: [4, 2], at: [2] }
const dtypeOf = (name: string) => (name === 'at' ? 'int64' : 'float32')

/** Take the memory of an array away from it. */
function detach(array: Float32Array | BigInt64Array): void {
  const { port1, port2 } = new MessageChannel()
  port1.postMessage(undefined, [array.buffer as ArrayBuffer])
  port1.close()
  port2.close()
}

const arrays = [
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Int32Array,
  Uint8Array,
  Uint16Array,
  Int8Array,
]
const noArrays = [null, undefined, 1, 'text', true, [1, 2, 3], {}, () => {}, Symbol('x'), new Date(), 7n]

/** What may be wrong with the feed of an input. */
const mistakes: Readonly<Record<string, (name: string, stream: Random) => unknown>> = {
  type: (name, stream) => {
    const dtypes = ['float16', 'int32', 'bool', 'uint8', 'int8', 'float64', 'string', 'constructor', 4]
    const dtype = dtypes[stream.integer(dtypes.length)]
    return { dtype, shape: shapes[name], data: new Float32Array(8) }
  },
  array: (name, stream) => {
    const others = arrays.filter((type) => type !== (name === 'at' ? BigInt64Array : Float32Array))
    const size = shapes[name]!.reduce((product, size) => product * size)
    return {
      dtype: dtypeOf(name),
      shape: shapes[name],
      data: new others[stream.integer(others.length)]!(size),
    }
  },
  shape: (name, stream) => {
    const wrong = [
      [],
      [0],
      [2, 0],
      [7, 7],
      [1, 2, 3, 4],
      [-3],
      [Number.NaN],
      [2 ** 60, 3],
      [1.5, 2],
      'shape',
      null,
      ['3'],
    ]
    return { dtype: dtypeOf(name), shape: wrong[stream.integer(wrong.length)], data: new Float32Array(6) }
  },
  length: (name, stream) => {
    const size = shapes[name]!.reduce((product, size) => product * size)
    const length = [0, size - 1, size + 1, 10 * size, 1000][stream.integer(5)]!
    const data = name === 'at' ? new BigInt64Array(length) : new Float32Array(length)
    return { dtype: dtypeOf(name), shape: shapes[name], data }
  },
  missing: () => undefined,
  'no array': (_, stream) => noArrays[stream.integer(noArrays.length)],
  'no data': (name, stream) => ({
    dtype: dtypeOf(name),
    shape: shapes[name],
    data: noArrays[stream.integer(noArrays.length)],
  }),
  'detached buffer': (name, stream) => {
    const feed = right()[name] as { data: Float32Array; dtype: 'float32'; shape: number[] }
    const tensor = toDevice(feed)
    detach(feed.data)
    return stream.integer(2) === 0 ? feed : tensor
  },
  disguise: (name) => {
    const data = Object.create(Float32Array.prototype) as Float32Array
    return { dtype: dtypeOf(name), shape: shapes[name], data }
  },
}

async function refusal(promise: Promise<unknown>): Promise<EngineError> {
  const thrown = await promise.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(EngineError)
  return thrown as EngineError
}

describe('a wrong feed', () => {
  it('is a typed error, a thousand times, and the program goes on', async () => {
    const program = await compile()
    const kinds = Object.keys(mistakes)
    const seen = new Set<string>()
    for (let i = 0; i < 1000; i++) {
      const stream = random(7, 'wrong feeds', String(i))
      const name = Object.keys(shapes)[stream.integer(4)]!
      const kind = kinds[stream.integer(kinds.length)]!
      const feeds = { ...right(), [name]: mistakes[kind]!(name, stream) } as Record<string, Feed>
      const { code, message } = await refusal(program.run(feeds))
      expect(code, `${kind} of ${name}`).toBe('engine/feed')
      expect(message).toContain(`'${name}'`)
      seen.add(`${kind} of ${name}`)
      if (i % 100 === 0) await expectRightResults(program)
    }
    expect(seen.size).toBe(4 * kinds.length)
    await program.release()
  })

  it('of outputs is one, too', async () => {
    const program = await compile()
    const y = (place: unknown) => refusal(program.run(right() as Record<string, Feed>, { y: place } as never))
    const [small, host] = [toDevice(float32([1], [0])), float32([2, 3], new Float32Array(6))]
    const detached = toDevice(float32([2, 3], new Float32Array(6)))
    detach(detached.data as Float32Array)
    for (const place of [small, host, detached, null, 'y', toDevice(int64([2, 3], [1, 2, 3, 4, 5, 6]))]) {
      expect((await y(place)).code).toBe('engine/feed')
    }
    await expectRightResults(program)
  })

  it('of no feeds at all is one, too', async () => {
    const program = await compile()
    for (const feeds of [undefined, null, 1, 'x']) {
      expect((await refusal(program.run(feeds as never))).code).toBe('engine/feed')
    }
  })
})

it('a released program answers with a typed error, and ends the runs that were begun', async () => {
  const program = await compile()
  const begun = [program.run(right() as Record<string, Feed>), program.run(right() as Record<string, Feed>)]
  await Promise.all([program.release(), program.release()])
  for (const { y } of await Promise.all(begun)) expect(y!.dims).toEqual([2, 3])
  expect((await refusal(program.run(right() as Record<string, Feed>))).code).toBe('engine/released')
})

it('bytes that are no graph are refused, whatever they are', async () => {
  for (let length = 0; length < 200; length += 7) {
    const stream = random(7, 'no graph', String(length))
    const bytes = Uint8Array.from({ length }, () => stream.integer(256))
    expect((await refusal(engine.load(bytes))).code).toBe('engine/compile')
  }
  await expect(Program.create(new Uint8Array(0), { device: 'cpu' })).rejects.toThrow(EngineError)
})

it('what is fed may be given away while a program runs', async () => {
  const program = await compile()
  const feeds = right() as Record<string, { data: Float32Array }>
  const running = program.run(feeds as never)
  await new Promise(setImmediate)
  for (const { data } of Object.values(feeds)) detach(data)
  expect([...((await running).y!.data as Float32Array)]).toEqual([11, 22, 33, 14, 25, 36])
})

async function expectRightResults(program: Program): Promise<void> {
  const { y, rows } = await program.run(right() as Record<string, Feed>)
  expect([...(y!.data as Float32Array)]).toEqual([11, 22, 33, 14, 25, 36])
  expect([...(rows!.data as Float32Array)]).toEqual([6, 7, 2, 3])
}
