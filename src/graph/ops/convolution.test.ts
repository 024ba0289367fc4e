import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, type HostArray, random, type Shape, ShapeError, sizeOf } from '../../core/index.ts'
import { gradients, input } from '../index.ts'

// Gradients against central differences are in test/gradients.

const drawn = (shape: Shape, name: string) => {
  const stream = random(3, name)
  return float32(
    shape,
    Array.from({ length: sizeOf(shape) }, () => stream.normal(0, 1)),
  )
}

/** Places of the images under each place of a kernel, and which output they reach. */
function* reached(
  [height, width]: readonly [number, number],
  [rows, columns]: readonly [number, number],
  [down, across]: readonly [number, number],
  { stride, padding, dilation }: { stride: number; padding: number; dilation: number },
) {
  for (let y = 0; y < down; y++)
    for (let x = 0; x < across; x++)
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const [at, left] = [y * stride - padding + i * dilation, x * stride - padding + j * dilation]
          if (at >= 0 && at < height && left >= 0 && left < width)
            yield { out: y * across + x, kernel: i * columns + j, image: at * width + left }
        }
}

describe('conv and convTranspose', () => {
  const cases = [
    { stride: 1, padding: 0, dilation: 1, kernel: 3 },
    { stride: 2, padding: 3, dilation: 1, kernel: 7 },
    { stride: 2, padding: 1, dilation: 2, kernel: 2 },
    { stride: 3, padding: 0, dilation: 1, kernel: 1 },
  ]
  it.each(cases)('are the sums that they say, with %o', async ({ kernel, ...window }) => {
    const [batch, channels, out, height, width] = [2, 3, 2, 8, 9]
    const images = drawn([batch, channels, height, width], 'images')
    const weight = drawn([out, channels, kernel, kernel], 'weight')
    const x = input('x', images.shape)
    const w = input('w', weight.shape)
    const y = x.conv(w, window)
    const [, , down, across] = y.shape as readonly [number, number, number, number]
    const back = drawn(y.shape, 'back')
    const z = input('back', y.shape).convTranspose(w, { ...window, size: [height, width] })
    const expected = { y: new Float64Array(sizeOf(y.shape)), z: new Float64Array(sizeOf(x.shape)) }
    for (let b = 0; b < batch; b++)
      for (let o = 0; o < out; o++)
        for (let c = 0; c < channels; c++)
          for (const at of reached([height, width], [kernel, kernel], [down, across], window)) {
            const [to, from] = [
              (b * out + o) * down * across + at.out,
              (b * channels + c) * height * width + at.image,
            ]
            const factor = weight.data[(o * channels + c) * kernel * kernel + at.kernel]!
            expected.y[to]! += factor * images.data[from]!
            expected.z[from]! += factor * back.data[to]!
          }
    const results = await evaluate({ y, z }, { x: images, w: weight, back })
    for (const name of ['y', 'z'] as const)
      for (const [i, value] of expected[name].entries()) expect(results[name]![i]).toBeCloseTo(value, 4)
  })

  it('refuse kernels that do not fit', () => {
    const x = input('x', [1, 3, 4, 4])
    expect(() => x.conv(input('w', [2, 2, 3, 3]))).toThrow(/\[out, 3, rows, columns\]/)
    expect(() => x.conv(input('w', [2, 3, 5, 5]))).toThrow(/larger than the image/)
    expect(() => x.conv(input('w', [3, 4]))).toThrow(ShapeError)
    const window = { stride: 1, padding: 0, dilation: 1, size: [9, 9] }
    expect(() => x.convTranspose(input('w', [3, 2, 3, 3]), window)).toThrow(/no convolution/)
  })
})

describe('maxPool', () => {
  it('takes the largest of each window, and gives the gradient to it alone', async () => {
    const data = [1, 5, 2, 0, 3, 4, -1, 7, 9, 8, 6, -2, 0, 1, 2, 3]
    const x = input('x', [1, 1, 4, 4])
    const y = x.maxPool(3, { stride: 2, padding: 1 })
    const [dx] = gradients(y.mul(input('u', [1, 1, 2, 2])).sum(), [x])
    const feeds: Record<string, HostArray> = {
      x: float32([1, 1, 4, 4], data),
      u: float32([1, 1, 2, 2], [1, 10, 100, 1000]),
    }
    const results = await evaluate({ y, dx: dx! }, feeds)
    expect(results.y).toEqual([5, 7, 9, 8])
    expect(results.dx).toEqual([0, 1, 0, 0, 0, 0, 0, 10, 100, 1000, 0, 0, 0, 0, 0, 0])
  })

  it('refuses windows that are mostly padding', () => {
    expect(() => input('x', [1, 1, 4, 4]).maxPool(2, { padding: 2 })).toThrow(/window/)
  })
})
