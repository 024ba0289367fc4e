import type { Pixels } from './pixels.ts'

/**
 * Enlarge by bicubic interpolation (Keys 1981, a = −0.5), as Pillow does: pixel centres stay where they are, and
 * what the window misses beyond an edge is shared out. libvips would move the picture by up to half a pixel.
 */
export function enlarge({ width, height, data }: Pixels, newWidth: number, newHeight: number): Pixels {
  const across = stretch(data, { runs: height, step: 4, length: width, newLength: newWidth })
  const down = stretch(across, { runs: 1, step: 4 * newWidth, length: height, newLength: newHeight })
  return { width: newWidth, height: newHeight, data: limitToAlpha(down) }
}

/** Along one axis of [runs, length, step] bytes; a row of pixels has step 4, a picture of rows the row's bytes. */
interface Axis {
  readonly runs: number
  readonly step: number
  readonly length: number
  readonly newLength: number
}

function stretch(source: Uint8Array, { runs, step, length, newLength }: Axis): Uint8Array {
  const result = new Uint8ClampedArray(runs * newLength * step) // rounds and clamps
  for (let place = 0; place < newLength; place++) {
    const { first, weights } = windowAt(((place + 0.5) * length) / newLength, length)
    for (let run = 0; run < runs; run++) {
      const from = (run * length + first) * step
      const to = (run * newLength + place) * step
      for (let byte = 0; byte < step; byte++) {
        let sum = 0
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * source[from + k * step + byte]!
        result[to + byte] = sum
      }
    }
  }
  return new Uint8Array(result.buffer)
}

/** The pixels within two of a place, and their weights, whose sum is 1. */
function windowAt(center: number, length: number): { first: number; weights: number[] } {
  const first = Math.max(0, Math.floor(center - 1.5))
  const count = Math.min(length, Math.floor(center + 2.5)) - first
  const weights = Array.from({ length: count }, (_, k) => keys(first + k + 0.5 - center))
  const sum = weights.reduce((a, b) => a + b, 0)
  return { first, weights: weights.map((weight) => weight / sum) }
}

/** Keys' kernel with a = −0.5. */
function keys(x: number): number {
  const d = Math.abs(x)
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1
  return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0
}

/** Interpolation overshoots; a premultiplied colour does not exceed its alpha. In place. */
function limitToAlpha(data: Uint8Array): Uint8Array {
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!
    for (let c = i; c < i + 3; c++) data[c] = Math.min(alpha, data[c]!)
  }
  return data
}
