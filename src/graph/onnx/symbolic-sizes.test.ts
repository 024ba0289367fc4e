import { describe, expect, it } from 'vitest'
import { float32, type HostArray, int64 } from '../../core/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { checkpoint, concat, gradients, input, scatterAdd, symbolicPrimes, type Tensor } from '../index.ts'

const engine = new Engine({ threads: 1 })
const [B, L] = symbolicPrimes
const batches = [1, 3, 7]

const range = (shape: readonly number[]) => {
  const size = shape.reduce((product, length) => product * length, 1)
  return float32(
    shape,
    Array.from({ length: size }, (_, i) => Math.sin(i)),
  )
}

/**
 * Build a graph once with free sizes and once for each batch, and compare.
 * @param build Outputs from the inputs x [batch, 4, 6] and ids [batch].
 */
async function expectSameForEveryBatch(
  build: (x: Tensor, ids: Tensor, batch: number) => Record<string, Tensor>,
) {
  const leaves = (batch: number) => [input('x', [batch, 4, 6]), input('ids', [batch], 'int64')] as const
  const [x, ids] = leaves(B)
  const free = await engine.compile(build(x, ids, B), {
    symbolicSizes: [{ prime: B, name: 'batch_size', input: x, axis: 0 }],
  })
  for (const batch of batches) {
    const fixed = await engine.compile(build(...leaves(batch), batch))
    const all: Record<string, HostArray> = {
      x: range([batch, 4, 6]),
      ids: int64(
        [batch],
        Array.from({ length: batch }, (_, i) => i % 4),
      ),
    }
    const feeds = Object.fromEntries(fixed.inputNames.map((name) => [name, all[name]!]))
    const expected = await fixed.run(feeds)
    const actual = await free.run(all)
    for (const [name, tensor] of Object.entries(expected)) {
      expect(actual[name]!.dims, name).toEqual(tensor.dims)
      expect(await toHost(actual[name]!, 'float32'), name).toEqual(await toHost(tensor, 'float32'))
    }
    await fixed.release()
  }
  await free.release()
}

describe('a file with a free batch', () => {
  it('reshapes, transposes and multiplies', () =>
    expectSameForEveryBatch((x, _, batch) => {
      const heads = x.reshape([batch, 4, 2, 3]).transpose([0, 2, 1, 3])
      const scores = heads.matmul(heads, { transposeB: true, scale: 0.5 }).softmax()
      return {
        y: scores.matmul(heads).reshape([batch * 2 * 4, 3]),
        back: x.reshape([-1, 6]).reshape([-1, 4, 6]),
      }
    }))

  it('expands what is as long as the batch, before the input is read', () =>
    expectSameForEveryBatch((x, _, batch) => {
      const token = input('x', x.shape).slice(0, 0, 1).slice(1, 0, 1)
      const constantToken = token.scalar(2).reshape([1, 1, 1]).expand([batch, 1, 6])
      return { y: concat([constantToken, x], 1) }
    }))

  it('slices inside, over and along the batch', () =>
    expectSameForEveryBatch((x, _, batch) => {
      const twice = concat([x, x.neg()], 0)
      return {
        inside: x.slice(1, 1, 4, 2),
        first: twice.slice(0, 0, batch),
        second: twice.slice(0, batch, 2 * batch),
      }
    }))

  it('pads, splits, gathers and scatters', () =>
    expectSameForEveryBatch((x, ids) => {
      const rows = x.sum([1])
      return {
        padded: x.pad([0, 1, 0], [0, 0, 2]),
        parts: concat(x.split([2, 4], 2).toReversed(), 2),
        scattered: scatterAdd(4, ids, rows),
        gathered: input('x', x.shape).reshape([-1, 6]).slice(0, 0, 4).gather(ids),
      }
    }))

  it('multiplies free sizes with each other', () =>
    expectSameForEveryBatch((x, _, batch) => {
      const flat = x.reshape([batch, 24])
      const all = flat.matmul(flat, { transposeB: true }) // [batch, batch]
      const pairs = all.reshape([1, batch, batch]).expand([2, batch, batch])
      return { pairs, flat: all.reshape([batch * batch]) }
    }))

  it('takes gradients: of means, embeddings and recomputed blocks', () =>
    expectSameForEveryBatch((x, ids) => {
      const table = x.mean(0)
      const y = checkpoint((h) => h.square().softmax(), table.gather(ids))
      return { dx: gradients(y.mean().add(x.mean([0, 1]).square().sum()), [x])[0]! }
    }))
})

describe('a file with two free sizes', () => {
  it('tells them apart', async () => {
    const tokens = input('tokens', [B, L, 2])
    const y = tokens.reshape([B * L, 2]).matmul(tokens.reshape([B * L, 2]), { transposeA: true })
    const mean = tokens.transpose([1, 0, 2]).mean(0)
    const free = await engine.compile(
      { y, mean, wide: tokens.sum(2).reshape([B, 1, L]).expand([B, L, L]) },
      {
        symbolicSizes: [
          { prime: B, name: 'batch_size', input: tokens, axis: 0 },
          { prime: L, name: 'sequence_length', input: tokens, axis: 1 },
        ],
      },
    )
    const results = await free.run({ tokens: range([2, 5, 2]) })
    expect(results.mean!.dims).toEqual([2, 2])
    expect(results.wide!.dims).toEqual([2, 5, 5])
    expect((await toHost(results.y!, 'float32'))[0]).toBeCloseTo(
      range([10, 2]).data.reduce((sum, value, i) => (i % 2 ? sum : sum + value * value), 0),
      5,
    )
    await free.release()
  })
})
