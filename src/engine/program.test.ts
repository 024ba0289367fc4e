import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { EngineError, float32, type HostArray, hostArray, int64 } from '../core/index.ts'
import { input, symbolicPrimes, writeOnnx } from '../graph/index.ts'
import { Engine, Program, toDevice, toHost, toNumber } from './index.ts'

const engine = new Engine({ threads: 1 })
const x = input('x', [2, 2])
const feeds = { x: float32([2, 2], [1, 2, 3, 4]) }

interface Event {
  readonly cat: string
  readonly name: string
  readonly args: { readonly op_name: string }
}

const errorOf = async (promise: Promise<unknown>): Promise<EngineError> => {
  const error = await promise.catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(EngineError)
  return error as EngineError
}

describe('Program', () => {
  it('names its inputs and outputs, and runs as often as it is asked', async () => {
    const program = await engine.compile({ double: x.mul(2), sum: x.sum() })
    expect(program.inputNames).toEqual(['x'])
    expect(program.outputNames).toEqual(['double', 'sum'])
    for (const first of [1, 10]) {
      const { double, sum } = await program.run({ x: float32([2, 2], [first, 2, 3, 4]) })
      expect(await toHost(double!, 'float32')).toEqual(Float32Array.of(2 * first, 4, 6, 8))
      expect(await toNumber(sum!)).toBe(first + 9)
    }
    await program.release()
  })

  it('tells the types and sizes of its inputs and outputs, free ones as undefined', async () => {
    const [prime] = symbolicPrimes
    const rows = input('rows', [prime, 3], 'int64')
    const symbolicSizes = [{ prime, name: 'batch', input: rows, axis: 0 }]
    const program = await engine.compile({ y: rows.cast('float32').sum(1) }, { symbolicSizes })
    expect(program.inputs).toEqual([{ name: 'rows', dtype: 'int64', shape: [undefined, 3] }])
    expect(program.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: [undefined] }])
  })

  it('is optimized by ONNX Runtime where a file is loaded so, and not where a graph is compiled', async () => {
    const create = vi.spyOn(Program, 'create')
    const y = x.add(0).mul(2)
    const plain = await engine.compile({ y })
    const optimized = await engine.load(writeOnnx({ y }).bytes, { optimize: true })
    const levels = create.mock.calls.map(([, options]) => options.graphOptimizationLevel)
    expect(levels).toEqual(['disabled', 'all'])
    for (const program of [plain, optimized]) {
      const results = await program.run(feeds)
      expect(await toHost(results.y!, 'float32')).toEqual(Float32Array.of(2, 4, 6, 8))
    }
    create.mockRestore()
  })

  it.each([
    ['disabled', ['Transpose', 'Transpose', 'Mul']],
    ['all', ['Mul']],
  ] as const)('runs the nodes that the level %s leaves, told by a trace', async (level, operations) => {
    const directory = mkdtempSync(join(tmpdir(), 'visuomotor-trace-'))
    const options = {
      device: 'cpu',
      graphOptimizationLevel: level,
      profileFilePrefix: join(directory, 'é'),
    } as const
    const program = await Program.create(
      writeOnnx({ y: x.transpose([1, 0]).transpose([1, 0]).mul(2) }),
      options,
    )
    await program.run(feeds)
    program.session.endProfiling()
    await program.release()
    const events = JSON.parse(readFileSync(join(directory, readdirSync(directory)[0]!), 'utf8'))
    const kernels = events.filter(({ cat, name }: Event) => cat === 'Node' && name.endsWith('_kernel_time'))
    expect(kernels.map(({ args }: Event) => args.op_name)).toEqual(operations)
    rmSync(directory, { recursive: true })
  })

  it('leaves feeds alone that it has no input for', async () => {
    const program = await engine.compile({ y: x.neg() })
    const { y } = await program.run({ ...feeds, unused: float32([1], [1]) })
    expect(y!.dims).toEqual([2, 2])
  })

  it.each<[HostArray, number[]]>([
    [int64([2], [-3, 2 ** 40]), [-3, 2 ** 40]],
    [hostArray('int32', [2], Int32Array.of(-3, 7)), [-3, 7]],
    [hostArray('bool', [2], Uint8Array.of(1, 0)), [1, 0]],
    // 1.5 and −2 as bits.
    [hostArray('float16', [2], Uint16Array.of(0x3e00, 0xc000)), [0x3e00, 0xc000]],
    [hostArray('uint8', [2], Uint8Array.of(255, 0)), [255, 0]],
    [hostArray('int8', [2], Int8Array.of(-128, 1)), [-128, 1]],
  ])('carries $dtype in and out', async (array, expected) => {
    const program = await engine.compile({ y: input('x', [2], array.dtype).reshape([2, 1]) })
    const { y } = await program.run({ x: array })
    expect(Array.from((await toHost(y!, array.dtype)) as ArrayLike<number | bigint>, Number)).toEqual(
      expected,
    )
  })

  it('writes an output into the tensor it is given', async () => {
    const program = await engine.compile({ y: x.mul(2), z: x.sum() })
    const memory = new Float32Array(8)
    const place = toDevice(float32([2, 2], memory.subarray(2, 6)))
    const { y, z } = await program.run(feeds, { y: place })
    expect([...memory]).toEqual([0, 0, 2, 4, 6, 8, 0, 0])
    expect([...(await toHost(y!, 'float32'))]).toEqual([2, 4, 6, 8])
    expect(await toNumber(z!)).toBe(10)
  })

  it('says which input was not fed', async () => {
    const program = await engine.compile({ y: x.add(input('bias', [2])) })
    const error = await errorOf(program.run({ x: feeds.x }))
    expect(error.code).toBe('engine/feed')
    expect(error.message).toBe("input 'bias' was not fed; given: x")
  })

  it('says what does not fit, and passes on why ONNX Runtime failed', async () => {
    const program = await engine.compile({ y: x.neg() })
    const wrongShape = await errorOf(program.run({ x: float32([3], [1, 2, 3]) }))
    expect(wrongShape.code).toBe('engine/feed')
    expect(wrongShape.message).toBe("input 'x' has shape [2, 2], but was given [3]")

    const gather = await engine.compile({ y: input('table', [2, 1]).gather(input('at', [1], 'int64')) })
    const outside = await errorOf(gather.run({ table: float32([2, 1], [1, 2]), at: int64([1], [2]) }))
    expect(outside.code).toBe('engine/run')
    expect(outside.message).toMatch(/gather_0.*idx=2/)
    expect(outside.cause).toBeInstanceOf(Error)
  })

  it('refuses bytes that are no graph', async () => {
    const error = await errorOf(engine.load(Uint8Array.of(1, 2, 3)))
    expect(error.code).toBe('engine/compile')
    expect(error.cause).toBeInstanceOf(Error)
  })

  it('toHost refuses another dtype than there is', async () => {
    const program = await engine.compile({ y: x.argMax(0) })
    const { y } = await program.run(feeds)
    expect((await errorOf(toHost(y!, 'float32'))).message).toBe(
      'expected float32, but the tensor holds int64',
    )
  })
})
