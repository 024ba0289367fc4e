import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, VisuomotorError } from '../../core/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { constant, input, symbolicPrimes, writeOnnx } from '../index.ts'

const x = input('x', [2])
const feeds = { x: float32([2], [1, 2]) }

describe('writeOnnx', () => {
  it('names what must be fed', () => {
    const { inputs } = writeOnnx({ y: x.add(input('z', [2])), loss: x.sum() })
    expect([...inputs.keys()].sort()).toEqual(['x', 'z'])
    expect(inputs.get('x')).toBe(x)
  })

  it('gives one value under several names, inputs and constants too', async () => {
    const y = x.exp().log()
    const results = await evaluate(
      { first: y, second: y, same: x, x, fixed: constant(float32([1], [7])) },
      feeds,
      { rewritten: false },
    )
    expect(results.second).toEqual(results.first)
    expect(results.same).toEqual([1, 2])
    expect(results.x).toEqual([1, 2])
    expect(results.fixed).toEqual([7])
  })

  it('stores weights in place of inputs', async () => {
    const weight = input('weight', [2])
    const weights = new Map([[weight, float32([2], [10, 20])]])
    const graph = writeOnnx({ y: x.mul(weight) }, { weights })
    expect([...graph.inputs.keys()]).toEqual(['x'])
    const program = await new Engine({ threads: 1 }).load(graph.bytes)
    expect([...(await toHost((await program.run(feeds)).y!, 'float32'))]).toEqual([10, 40])
  })

  it('writes the same bytes for the same graph', () => {
    const build = () => writeOnnx({ y: input('x', [2]).mul(3).softmax().sum() }).bytes
    expect(Buffer.compare(build(), build())).toBe(0)
  })

  it('does not confuse given names with its own', async () => {
    const other = input('add_0', [2])
    const y = x.add(other).add(constant(float32([2], [0.5, 0.5])))
    const results = await evaluate(
      { constant_0: y, add_1: y.neg() },
      { ...feeds, add_0: float32([2], [1, 1]) },
    )
    expect(results).toEqual({ constant_0: [2.5, 3.5], add_1: [-2.5, -3.5] })
  })

  it('lets two leaves of one name share what is fed', async () => {
    expect(await evaluate({ y: x.add(input('x', [2])) }, feeds)).toEqual({ y: [2, 4] })
  })

  it.each([
    ['inputs of different shapes', { y: x.add(input('x', [1])) }],
    ['inputs of different dtypes', { y: x.add(input('x', [2], 'int64').cast('float32')) }],
    ['an input and an output', { x: x.exp() }],
  ])('refuses one name for %s', (_, outputs) => {
    expect(() => writeOnnx(outputs)).toThrow(VisuomotorError)
    expect(() => writeOnnx(outputs)).toThrow(/the name 'x' stands for two things/)
  })

  it('tells the free sizes of inner values, by which ONNX Runtime plans its memory', () => {
    const [prime] = symbolicPrimes
    const x = input('x', [prime, 4])
    const { bytes } = writeOnnx(
      { y: x.exp().relu() },
      { symbolicSizes: [{ prime, name: 'batch_size', input: x, axis: 0 }] },
    )
    // Of the input, the exponentials and the output.
    expect(
      Buffer.from(bytes)
        .toString('latin1')
        .match(/batch_size/g),
    ).toHaveLength(3)
  })
})
