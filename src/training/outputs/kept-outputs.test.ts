import { expect, it } from 'vitest'
import { type Batch, float32 } from '../../core/index.ts'
import { keptOutputs } from './kept-outputs.ts'

const batchOf = (...ids: number[]): Batch => ({
  ids: ids.map(String),
  arrays: {
    values: float32(
      [ids.length, 2],
      ids.flatMap((id) => [id, -id]),
    ),
  },
})

/** Doubles values, and tells for which samples. */
function doubling() {
  const asked: string[][] = []
  const compute = async ({ ids, arrays }: Batch) => {
    asked.push([...ids])
    const data = (arrays.values!.data as Float32Array).map((value) => 2 * value)
    return {
      doubled: float32([ids.length, 2], data),
      ones: float32(
        [ids.length],
        ids.map(() => 1),
      ),
    }
  }
  return { asked, compute }
}

it('computes a sample once, also where it comes twice in a batch', async () => {
  const { asked, compute } = doubling()
  const outputs = keptOutputs(compute, 1e6)
  expect(await outputs(batchOf(3, 1, 3))).toEqual({
    doubled: float32([3, 2], [6, -6, 2, -2, 6, -6]),
    ones: float32([3], [1, 1, 1]),
  })
  expect(await outputs(batchOf(2, 1, 4, 2))).toMatchObject({
    doubled: float32([4, 2], [4, -4, 2, -2, 8, -8, 4, -4]),
  })
  await outputs(batchOf(4, 3, 2, 1))
  expect(asked).toEqual([
    ['3', '1'],
    ['2', '4'],
  ])
})

it('keeps no more than fits, and computes the others each time', async () => {
  const { asked, compute } = doubling()
  const outputs = keptOutputs(compute, 2 * 12) // two samples of three floats
  await outputs(batchOf(1, 2, 3))
  expect((await outputs(batchOf(3, 2))).doubled).toEqual(float32([2, 2], [6, -6, 4, -4]))
  await outputs(batchOf(3))
  expect(asked).toEqual([['1', '2', '3'], ['3'], ['3']])
})
