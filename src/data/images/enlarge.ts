import type { Pixels, Rectangle } from './pixels.ts'

/**
 * Enlarge by bicubic interpolation (Keys 1981, a = −0.5), as Pillow does: pixel centres stay where they are, and
 * what the window misses beyond an edge is shared out. libvips would move the picture by up to half a pixel.
 * @param part The part of the enlarged picture that is wanted, in whole pixels; only that is computed.
 */
export function enlarge(
  { width, height, data }: Pixels,
  size: { readonly width: number; readonly height: number },
  part: Rectangle,
): Pixels {
  const columns = { length: width, newLength: size.width, first: part.left, count: part.width }
  const rows = { length: height, newLength: size.height, first: part.top, count: part.height }
  const across = stretch(data, { runs: height, step: 4, ...columns })
  const down = stretch(across, { runs: 1, step: 4 * part.width, ...rows })
  return { width: part.width, height: part.height, data: limitToAlpha(down) }
}

/** Along one axis of [runs, length, step] bytes; a row of pixels has step 4, a picture of rows the row's bytes. */
interface Axis {
  readonly runs: number
  readonly step: number
  readonly length: number
  readonly newLength: number
  /** The places of the new length that are wanted. */
  readonly first: number
  readonly count: number
}

function stretch(source: Uint8Array, { runs, step, length, newLength, first, count }: Axis): Uint8Array {
  const result = new Uint8ClampedArray(runs * count * step) // rounds and clamps
  for (let place = 0; place < count; place++) {
    const [pixels, weights] = windowAt(((first + place + 0.5) * length) / newLength, length)
    const [o0, o1, o2, o3] = pixels.map((pixel) => pixel * step) as Four
    const [w0, w1, w2, w3] = weights
    for (let run = 0; run < runs; run++) {
      const to = (run * count + place) * step
      const from = run * length * step
      for (let i = from; i < from + step; i++) {
        result[to + i - from] =
          w0 * source[o0 + i]! + w1 * source[o1 + i]! + w2 * source[o2 + i]! + w3 * source[o3 + i]!
      }
    }
  }
  return new Uint8Array(result.buffer)
}

type Four = [number, number, number, number]

/** The four pixels nearest to a place and their weights, whose sum is 1; those beyond an edge weigh nothing. */
function windowAt(center: number, length: number): [pixels: Four, weights: Four] {
  const first = Math.floor(center - 1.5)
  const pixels: Four = [first, first + 1, first + 2, first + 3]
  const inside = (pixel: number): boolean => pixel >= 0 && pixel < length
  const weights = pixels.map((pixel) => (inside(pixel) ? keys(pixel + 0.5 - center) : 0))
  const sum = weights.reduce((a, b) => a + b, 0)
  return [
    pixels.map((pixel) => (inside(pixel) ? pixel : 0)) as Four,
    weights.map((weight) => weight / sum) as Four,
  ]
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
