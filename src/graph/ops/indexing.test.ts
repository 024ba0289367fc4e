import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, hostArray, int64 } from '../../core/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { constant, gradients, input } from '../index.ts'

describe('gather', () => {
  it('takes int32 indices and counts negative ones from the end', async () => {
    const table = input('table', [3, 2])
    const at = constant(hostArray('int32', [4], Int32Array.of(0, -1, 2, -3)))
    const rows = table.gather(at)
    const [dTable] = gradients(rows.sum(), [table])
    const results = await evaluate({ rows, dTable: dTable! }, { table: float32([3, 2], [1, 2, 3, 4, 5, 6]) })
    expect(results.rows).toEqual([1, 2, 5, 6, 5, 6, 1, 2])
    expect(results.dTable).toEqual([2, 2, 0, 0, 2, 2])
  })
})

describe('scattering on several threads', () => {
  it('loses no update, however often an index is repeated', async () => {
    const rows = 30_000
    const width = 16
    const tokens = input('tokens', [rows], 'int64')
    const table = input('table', [5, width])
    const upstream = input('upstream', [rows, width])
    const [dTable] = gradients(table.gather(tokens).mul(upstream).sum(), [table])
    const program = await new Engine({ threads: 4 }).compile({ dTable: dTable! })
    const feeds = {
      tokens: int64(
        [rows],
        Array.from({ length: rows }, (_, i) => (i * i) % 3),
      ),
      table: float32([5, width], new Float32Array(5 * width)),
      // Whole numbers: their sums are exact in any order.
      upstream: float32(
        [rows, width],
        Array.from({ length: rows * width }, (_, i) => i % 7),
      ),
    }
    const expected = new Float64Array(5 * width)
    for (let row = 0; row < rows; row++) {
      for (let i = 0; i < width; i++) {
        expected[Number(feeds.tokens.data[row]) * width + i]! += feeds.upstream.data[row * width + i]!
      }
    }
    for (let run = 0; run < 3; run++) {
      const results = await program.run(feeds)
      expect([...(await toHost(results.dTable!, 'float32'))]).toEqual([...expected])
    }
    await program.release()
  })
})
