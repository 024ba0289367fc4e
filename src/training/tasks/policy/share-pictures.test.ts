import { expect, it } from 'vitest'
import { float32, int64 } from '../../../core/index.ts'
import { placed, sharePictures } from './share-pictures.ts'

const numbers = ({ data }: { data: ArrayLike<number | bigint> }) => Array.from(data, Number)

it('keeps a batch in which no picture comes twice in a row', () => {
  const arrays = { pixelValues: float32([3, 2], [1, 2, 3, 4, 1, 2]), inputIds: int64([3, 1], [7, 8, 9]) }
  const shared = sharePictures(arrays)
  expect(shared.arrays).toBe(arrays)
  expect(shared.places).toEqual([0, 1, 2])
})

it('gives every picture as many places, and leaves those empty that nobody needs', () => {
  const arrays = {
    pixelValues: float32([4, 2], [1, 2, 1, 2, 1, 2, 3, 4]),
    inputIds: int64([4, 1], [6, 7, 8, 9]),
  }
  const shared = sharePictures(arrays)
  expect(shared.places).toEqual([0, 1, 2, 3, -1, -1])
  expect(shared.arrays.pixelValues!.shape).toEqual([2, 2])
  expect(numbers(shared.arrays.pixelValues!)).toEqual([1, 2, 3, 4])
  expect(numbers(shared.arrays.inputIds!)).toEqual([6, 7, 8, 9, 6, 6])
  expect(
    numbers(placed(float32([4], [0.1, 0.2, 0.3, 0.4]), shared.places)).map((w) => Math.round(10 * w)),
  ).toEqual([1, 2, 3, 4, 0, 0])
})

it('fills up to few different numbers of pictures', () => {
  const shapes = Array.from({ length: 32 }, (_, pairs) => {
    const pictures = Array.from({ length: 64 }, (_, i) => (i < 2 * pairs ? i >> 1 : i))
    return String(
      sharePictures({ pixelValues: float32([64, 1], pictures), inputIds: int64([64, 1], pictures) }).arrays
        .pixelValues!.shape,
    )
  })
  expect(new Set(shapes).size).toBeLessThan(10)
})
