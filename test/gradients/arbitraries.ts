import fc from 'fast-check'
import {
  float32,
  type HostArray,
  hostArray,
  int64,
  type Random,
  random,
  type Shape,
  sizeOf,
} from '../../src/core/index.ts'

/** Shapes of `least` to `most` axes of 1 to 4. */
export const shapes = (least = 0, most = 4): fc.Arbitrary<Shape> =>
  fc.array(sizes, { minLength: least, maxLength: most })

export const sizes = fc.integer({ min: 1, max: 4 })

/** A stream of random numbers for the elements of arrays; fast-check decides shapes and attributes only. */
export const streams: fc.Arbitrary<Random> = fc.nat(2 ** 30).map((seed) => random(seed, 'elements'))

/** A shape, one of its axes counted from either end, and the same counted from the front. */
export const shapesWithAxis = (least = 1, most = 4) =>
  shapes(least, most).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      axis: fc.integer({ min: -shape.length, max: shape.length - 1 }),
    }),
  )

/** `count` shapes that broadcast against each other: leading axes are missing and others are 1. */
export const broadcastable = (count: number): fc.Arbitrary<readonly Shape[]> =>
  shapes(0, 3).chain((full) => {
    const axes = full.length
    const part = fc
      .tuple(fc.nat(axes), fc.array(fc.boolean(), { minLength: axes, maxLength: axes }))
      .map(([dropped, ones]) => full.map((size, i) => (ones[i] ? 1 : size)).slice(dropped))
    return fc.array(part, { minLength: count, maxLength: count })
  })

/** Fills a shape with numbers. */
export type Fill = (shape: Shape, stream: Random) => HostArray<'float32'>

const fill =
  (draw: (stream: Random) => number): Fill =>
  (shape, stream) =>
    float32(
      shape,
      Array.from({ length: sizeOf(shape) }, () => draw(stream)),
    )

export const normal = fill((stream) => stream.normal())
export const positive = fill((stream) => stream.uniform(0.5, 3))
export const awayFromZero = fill((stream) => (stream.chance(0.5) ? 1 : -1) * stream.uniform(0.5, 2))

/** Distinct numbers, 1/4 apart from each other and 1/8 or more from every multiple of 1/4: no kink is near. */
export const spaced: Fill = (shape, stream) => {
  const size = sizeOf(shape)
  const values = Array.from({ length: size }, (_, i) => (i - Math.floor(size / 2)) / 4 + 1 / 8)
  return float32(shape, stream.shuffle(values))
}

export const booleans = (shape: Shape, stream: Random): HostArray<'bool'> =>
  hostArray(
    'bool',
    shape,
    Uint8Array.from({ length: sizeOf(shape) }, () => stream.integer(2)),
  )

/** Indices in [0, count), often repeated. */
export const indices = (shape: Shape, count: number, stream: Random): HostArray<'int64'> =>
  int64(
    shape,
    Array.from({ length: sizeOf(shape) }, () => stream.integer(count)),
  )
