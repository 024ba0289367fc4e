import { type Kernel, kernels } from './kernels.ts'
import type { Pixels, Rectangle } from './pixels.ts'

/**
 * Scale by a kernel, antialiased when it reduces, as in Pillow. Pixel centres stay
 * in place, and weights beyond an edge are shared out. libvips would move an enlarged image by up to half a pixel,
 * and needs a millisecond to reduce the smallest one.
 * @param part Rectangle of the scaled image that is wanted, in whole pixels; nothing else is computed.
 */
export function resample(
  { width, height, data }: Pixels,
  size: { readonly width: number; readonly height: number },
  part: Rectangle,
  kernel: Kernel = 'bicubic',
): Pixels {
  const columns = { length: width, newLength: size.width, first: part.left, count: part.width, kernel }
  const rows = { length: height, newLength: size.height, first: part.top, count: part.height, kernel }
  const across = scaleAlong(data, { runs: height, step: 4, ...columns })
  const down = scaleAlong(across, { runs: 1, step: 4 * part.width, ...rows })
  return { width: part.width, height: part.height, data: limitToAlpha(down) }
}

/** Axis of [runs, length, step] bytes; a row of pixels has step 4, an image of rows the row's bytes. */
interface Axis {
  readonly runs: number
  readonly step: number
  readonly length: number
  readonly newLength: number
  /** Places of the new length that are wanted. */
  readonly first: number
  readonly count: number
  readonly kernel: Kernel
}

function scaleAlong(source: Uint8Array, axis: Axis): Uint8Array {
  const { runs, step, length, newLength, first, count, kernel } = axis
  if (newLength === length && count === length) return source
  const result = new Uint8ClampedArray(runs * count * step) // rounds and clamps
  for (let place = 0; place < count; place++) {
    const { start, weights } = windowAt(first + place, length, newLength, kernel)
    for (let run = 0; run < runs; run++) {
      const to = (run * count + place) * step
      const from = (run * length + start) * step
      for (let i = 0; i < step; i += 4) addUp(source, from + i, step, weights, result, to + i)
    }
  }
  return new Uint8Array(result.buffer)
}

/** A weighted sum of pixels that are `step` bytes apart, all four channels at once. */
function addUp(
  source: Uint8Array,
  from: number,
  step: number,
  weights: Float64Array,
  result: Uint8ClampedArray,
  to: number,
): void {
  let [red, green, blue, alpha] = [0, 0, 0, 0]
  for (let tap = 0, at = from; tap < weights.length; tap++, at += step) {
    const weight = weights[tap]!
    red += weight * source[at]!
    green += weight * source[at + 1]!
    blue += weight * source[at + 2]!
    alpha += weight * source[at + 3]!
  }
  result[to] = red
  result[to + 1] = green
  result[to + 2] = blue
  result[to + 3] = alpha
}

/** Source pixels of a pixel of the scaled line, from `start` on, and their weights, whose sum is 1. */
function windowAt(
  place: number,
  length: number,
  newLength: number,
  kernel: Kernel,
): { start: number; weights: Float64Array } {
  const { support, weight } = kernels[kernel]
  const scale = length / newLength
  const stretch = Math.max(1, scale)
  const center = (place + 0.5) * scale
  const start = Math.max(0, Math.floor(center - support * stretch + 0.5))
  const end = Math.min(length, Math.floor(center + support * stretch + 0.5))
  const weights = new Float64Array(end - start)
  let sum = 0
  for (let i = 0; i < weights.length; i++)
    sum += weights[i] = weight(Math.abs(start + i + 0.5 - center) / stretch)
  for (let i = 0; i < weights.length; i++) weights[i]! /= sum
  return { start, weights }
}

/**
 * Scaling of a line as a matrix [count, length]: place i of the result lies `before` places right of the scaled line's beginning;
 * rows for places outside of the scaled line are zero.
 */
export function scalingMatrix(
  length: number,
  newLength: number,
  {
    before,
    count,
    kernel = 'bicubic',
  }: { readonly before: number; readonly count: number; readonly kernel?: Kernel | undefined },
): Float32Array {
  const matrix = new Float32Array(count * length)
  for (let row = 0; row < count; row++) {
    const place = row - before
    if (place < 0 || place >= newLength) continue
    if (newLength === length) {
      matrix[row * length + place] = 1
      continue
    }
    const { start, weights } = windowAt(place, length, newLength, kernel)
    matrix.set(weights, row * length + start)
  }
  return matrix
}

/** Limit each premultiplied colour to its alpha, since interpolation overshoots. In place. */
function limitToAlpha(data: Uint8Array): Uint8Array {
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!
    for (let c = i; c < i + 3; c++) data[c] = Math.min(alpha, data[c]!)
  }
  return data
}
