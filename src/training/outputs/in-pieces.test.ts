import { expect, it } from 'vitest'
import { type Batch, float32, hostArray } from '../../core/index.ts'
import { inPieces } from './in-pieces.ts'
import type { OutputsOf } from './with-outputs.ts'

const batch = (count: number): Batch => ({
  ids: Array.from({ length: count }, (_, i) => `s${i}`),
  arrays: {
    x: float32(
      [count, 2],
      Float32Array.from({ length: 2 * count }, (_, i) => i),
    ),
  },
})

it('gives a model at most so many samples, and joins its outputs in their order', async () => {
  const seen: number[] = []
  const doubled: OutputsOf = async ({ ids, arrays: { x } }) => {
    seen.push(ids.length)
    return {
      y: hostArray(
        'float32',
        x!.shape,
        (x!.data as Float32Array).map((value) => 2 * value),
      ),
      n: float32(
        [ids.length, 1],
        Float32Array.from(ids, (id) => Number(id.slice(1))),
      ),
    }
  }
  const { y, n } = await inPieces(doubled, 3)(batch(7))
  expect(seen).toEqual([3, 3, 1])
  expect(y).toEqual((await doubled(batch(7))).y)
  expect([...n!.data]).toEqual([0, 1, 2, 3, 4, 5, 6])
  expect(await inPieces(doubled, 7)(batch(7))).toEqual(await doubled(batch(7)))
})
