import { describe, expect, it } from 'vitest'
import { float32, int64, zeros } from '../../src/core/index.ts'
import { Engine, toDevice, toHost } from '../../src/engine/index.ts'
import { input } from '../../src/graph/index.ts'
import { evaluate } from '../support/evaluate.ts'

// What this project relies on, or works around, in the pinned onnxruntime-node. An upgrade that changes one of
// these fails here; docs/engine.md says what then may be done differently.

const engine = new Engine({ threads: 1 })
const x = input('x', [4])
const feeds = { x: float32([4], [1, 2, 3, 4]) }

describe('memory', () => {
  it('takes views of one arena as feeds and as fetches', async () => {
    const program = await engine.compile({ y: x.add(input('z', [4])) })
    const arena = new Float32Array(new SharedArrayBuffer(48))
    arena.forEach((_, i) => {
      arena[i] = i
    })
    const view = (i: number) => toDevice(float32([4], arena.subarray(4 * i, 4 * i + 4)))
    await program.run({ x: view(0), z: view(1) }, { y: view(2) })
    expect([...arena]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 4, 6, 8, 10])
  })

  it('may write an elementwise result over what it is computed from', async () => {
    const size = 100_000
    const long = input('long', [size])
    const program = await engine.compile({ y: long.mul(0.5).add(long.square()) })
    const values = new Float32Array(new SharedArrayBuffer(4 * size))
    for (let i = 0; i < size; i++) values[i] = i % 100
    const place = toDevice(float32([size], values))
    await program.run({ long: place }, { y: place })
    expect(values.every((value, i) => value === (i % 100) * 0.5 + (i % 100) ** 2)).toBe(true)
  })
})

describe('threads', () => {
  it('do not wait busily once a run has ended', async () => {
    const size = 128
    const square = input('square', [size, size])
    const program = await new Engine({ threads: 2 }).compile({ y: square.matmul(square) })
    const numbers = { square: zeros('float32', [size, size]) }
    const pauses = 20
    const pauseMs = 20
    const shares: number[] = []
    for (let i = 0; i < pauses; i++) {
      await program.run(numbers)
      const [began, before] = [performance.now(), process.cpuUsage()]
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const { user, system } = process.cpuUsage(before)
      shares.push((user + system) / 1000 / (performance.now() - began))
    }
    // More than half of a pause, if they did.
    expect(shares.toSorted((a, b) => a - b)[pauses / 2]!).toBeLessThan(0.2)
  })
})

describe('kernels', () => {
  it('ScatterElements adds up all updates on several threads', async () => {
    const rows = 50_000
    const table = input('table', [2, 8])
    const indices = input('indices', [rows, 8], 'int64')
    const threaded = await new Engine({ threads: 4 }).compile({
      y: table.scatterElements(indices, input('updates', [rows, 8]), 0),
    })
    const { y } = await threaded.run({
      table: zeros('float32', [2, 8]),
      indices: zeros('int64', [rows, 8]),
      updates: float32([rows, 8], new Float32Array(rows * 8).fill(1)),
    })
    expect([...(await toHost(y!, 'float32'))]).toEqual([...Array(8).fill(rows), ...Array(8).fill(0)])
  })

  it('FusedMatMul transposes and scales in one node', async () => {
    const a = input('a', [3, 2])
    const y = a.matmul(a, { transposeA: true, scale: 0.5 })
    expect(await evaluate({ y }, { a: float32([3, 2], [1, 2, 3, 4, 5, 6]) })).toEqual({
      y: [17.5, 22, 22, 28],
    })
  })

  it('LayerNormalization returns mean and inverse deviation for the backward pass', async () => {
    const [, mean, inverse] = x.layerNorm(x.scalar(1).expand([4]), x.scalar(0).expand([4]), 0).node.outputs
    const results = await evaluate({ mean: mean!, inverse: inverse! }, feeds)
    expect(results.mean).toEqual([2.5])
    expect(results.inverse![0]).toBeCloseTo(1 / Math.sqrt(1.25), 6)
  })

  it('Sigmoid is precise to 1e-7 only, so its small values are not', async () => {
    const { y } = await evaluate({ y: x.sigmoid() }, { x: float32([4], [-17, -10, 0, 10]) })
    const expected = [-17, -10, 0, 10].map((value) => 1 / (1 + Math.exp(-value)))
    expected.forEach((value, i) => {
      expect(Math.abs(y![i]! - value)).toBeLessThan(1e-7)
    })
    expect(Math.abs(y![0]! / expected[0]! - 1)).toBeGreaterThan(0.1)
  })

  it('Gather fails on an index outside of the table, whatever the number of threads', async () => {
    const program = await engine.compile({ y: x.gather(input('at', [2], 'int64')) })
    const run = program.run({ ...feeds, at: int64([2], [0, 4]) })
    await expect(run).rejects.toThrow(/idx=4/)
  })
})

describe('halves on the cpu', () => {
  it('are computed in float32: roundings between operations are dropped', async () => {
    const fine = { x: float32([4], [1 + 2 ** -10, 2, 3, 4]) }
    const square = x.cast('float16').square()
    const { y } = await evaluate({ y: square.cast('float32') }, fine)
    // In halves (1 + 2⁻¹⁰)² rounds to 1 + 2⁻⁹.
    expect(y![0]).toBe((1 + 2 ** -10) ** 2)
  })
})
