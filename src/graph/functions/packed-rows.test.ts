import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, hostArray, ShapeError } from '../../core/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import {
  checkpoint,
  gradients,
  input,
  PackedRows,
  showRows,
  symbolicPrimes,
  topologicalOrder,
  unpackRows,
} from '../index.ts'

const flags = (shape: readonly number[], values: readonly number[]) =>
  hostArray('bool', shape, Uint8Array.from(values))
const numbers = (shape: readonly number[], from = 1) =>
  float32(
    shape,
    Array.from({ length: shape.reduce((product, size) => product * size) }, (_, i) => from + i),
  )

const x = input('x', [2, 3, 2])
const kept = input('kept', [2, 3], 'bool')
const feeds = { x: numbers([2, 3, 2]), kept: flags([2, 3], [1, 0, 0, 1, 1, 0]) }

describe('packed rows', () => {
  it('hold the kept tokens in order, and stand at their places again with zeros between', async () => {
    const packed = new PackedRows(kept)
    const rows = packed.pack(x) // 1 2, 7 8, 9 10
    const y = packed.pad(rows.add(rows.sum(0, { keep: true })))
    const found = await evaluate({ y }, feeds)
    expect(found.y).toEqual([18, 22, 0, 0, 0, 0, 24, 28, 26, 30, 0, 0])
  })

  it('have gradients that come from kept tokens alone', async () => {
    const packed = new PackedRows(kept)
    const y = packed
      .pad(packed.pack(x).square())
      .mul(input('upstream', [2, 3, 2]))
      .sum()
    const [dx] = gradients(y, [x])
    const found = await evaluate({ dx: dx! }, { ...feeds, upstream: numbers([2, 3, 2], 10) })
    expect(found.dx).toEqual([20, 44, 0, 0, 0, 0, 14 * 16, 16 * 17, 18 * 18, 20 * 19, 0, 0])
  })

  it('are taken for each of two masks in one program, also in blocks that are computed again', async () => {
    const [one, other] = [new PackedRows(kept), new PackedRows(kept.not())]
    const means = [one, other].map((packed) =>
      checkpoint((tokens) => packed.pad(packed.pack(tokens).sub(packed.pack(tokens).mean(0))), x),
    )
    const [dx] = gradients(means[0]!.square().sum().add(means[1]!.sum()), [x])
    const found = await evaluate({ one: means[0]!, other: means[1]!, dx: dx! }, feeds)
    const [a, b] = [17 / 3, 20 / 3] // the means of 1 7 9 and 2 8 10
    const centred = [1 - a, 2 - b, 0, 0, 0, 0, 7 - a, 8 - b, 9 - a, 10 - b, 0, 0]
    expect(found.one).toEqual(centred.map((value) => expect.closeTo(value, 5)))
    expect(found.other!.slice(2, 6)).toEqual(
      [3 - 19 / 3, 4 - 22 / 3, 5 - 19 / 3, 6 - 22 / 3].map((v) => expect.closeTo(v, 5)),
    )
    expect(found.dx).toEqual(centred.map((value) => expect.closeTo(2 * value, 4)))
  })

  it('follow every batch of a program whose batch is free', async () => {
    const engine = new Engine({ threads: 1 })
    const [batch] = symbolicPrimes
    const [tokens, mask] = [input('x', [batch, 3, 2]), input('kept', [batch, 3], 'bool')]
    const packed = new PackedRows(mask)
    const rows = packed.pack(tokens)
    const y = packed.pad(rows.sub(rows.mean(0))).sum(1)
    const program = await engine.compile(
      { y },
      { symbolicSizes: [{ prime: batch, name: 'batch', input: tokens, axis: 0 }] },
    )
    const fed = await program.run(feeds)
    expect(Array.from(await toHost(fed.y!, 'float32'))).toEqual(
      [1 - 17 / 3, 2 - 20 / 3, 16 - 34 / 3, 18 - 40 / 3].map((value) => expect.closeTo(value, 4)),
    )
    const single = await program.run({ x: numbers([1, 3, 2]), kept: flags([1, 3], [1, 1, 1]) })
    expect(Array.from(await toHost(single.y!, 'float32'))).toEqual([0, 0].map((v) => expect.closeTo(v, 5)))
    await program.release()
  })

  it('are refused without a bool and a place for each row', () => {
    const [rows, places] = [x.reshape([6, 2]), input('places', [6], 'int32')]
    const bool = kept.reshape([6])
    expect(() => rows.packRows(places, places, 7)).toThrow(ShapeError)
    expect(() => x.packRows(bool, places, 7)).toThrow('a place for every row')
    expect(() => rows.padRows(input('few', [5], 'int32'), bool)).toThrow(ShapeError)
  })
})

describe('unpackRows', () => {
  it('gives the padded graph: no packing, fixed sizes, the same values', async () => {
    const packed = new PackedRows(kept)
    const y = packed.pad(packed.pack(x).exp().mul(2))
    const plain = unpackRows({ y })
    const ops = topologicalOrder(Object.values(plain)).map(({ op }) => op)
    expect(ops).not.toContain('packRows')
    expect(ops).not.toContain('padRows')
    expect(await evaluate(plain, feeds)).toEqual(await evaluate({ y }, feeds))
  })

  it('leaves a graph without packed rows as it is', () => {
    const outputs = { y: x.exp() }
    expect(unpackRows(outputs)).toBe(outputs)
  })
})

it('showRows shows a number of rows in the shapes', () => {
  const packed = new PackedRows(kept)
  const { y } = showRows(
    {
      y: packed
        .pack(x)
        .reshape([-1, 1])
        .expand([packed.pack(x).size, 3]),
    },
    5,
  )
  expect(y!.shape).toEqual([10, 3])
})
