import type { Pixels } from './pixels.ts'

/** Side of the square that is hashed, and of the block of lowest frequencies that is kept. */
export const perceptualHashSide = 32
const kept = 8

/** Hash that similar images share: 64 bits of shape, and the mean colour, on white. */
export interface PerceptualHash {
  /** Upper and lower 32 bits. */
  readonly bits: readonly [high: number, low: number]
  /** Red, green and blue in levels from 0 to 255. */
  readonly color: readonly [red: number, green: number, blue: number]
}

/** Level below which coefficients are noise: an image of one colour has no shape. */
const noise = 1e-3

/**
 * pHash (Zauner 2010): one bit for each of the 8 × 8 lowest frequencies of the grey image (DCT-II), set where it
 * exceeds their median. Scaling, compression and small changes of light keep nearly all bits. Grey has no hue, so the
 * hash includes the mean colour.
 * @param pixels A square of `perceptualHashSide` pixels.
 */
export function perceptualHash({ data }: Pixels): PerceptualHash {
  const grey = new Float64Array(perceptualHashSide ** 2)
  const sums = [0, 0, 0]
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const white = 255 - data[4 * pixel + 3]! // colours are premultiplied
    const [red, green, blue] = [0, 1, 2].map((c) => data[4 * pixel + c]! + white) as [number, number, number]
    grey[pixel] = 0.299 * red + 0.587 * green + 0.114 * blue // Rec. 601
    for (const [c, value] of [red, green, blue].entries()) sums[c]! += value
  }
  const [red, green, blue] = sums.map((sum) => sum / grey.length) as [number, number, number]
  return { bits: signBits(lowFrequencies(grey)), color: [red, green, blue] }
}

/** Cosines of the DCT-II: [frequency, place]. */
const cosines = Float64Array.from({ length: kept * perceptualHashSide }, (_, i) => {
  const [frequency, place] = [Math.floor(i / perceptualHashSide), i % perceptualHashSide]
  return Math.cos((Math.PI / perceptualHashSide) * (place + 0.5) * frequency)
})

/** The lowest coefficients of the two-dimensional DCT, [kept, kept], in levels. */
function lowFrequencies(grey: Float64Array): number[] {
  const side = perceptualHashSide
  const rows = new Float64Array(kept * side) // [frequency across, y]
  for (let f = 0; f < kept; f++) {
    for (let y = 0; y < side; y++) {
      let sum = 0
      for (let x = 0; x < side; x++) sum += cosines[f * side + x]! * grey[y * side + x]!
      rows[f * side + y] = sum / side
    }
  }
  return Array.from({ length: kept * kept }, (_, i) => {
    const [down, across] = [Math.floor(i / kept), i % kept]
    let sum = 0
    for (let y = 0; y < side; y++) sum += cosines[down * side + y]! * rows[across * side + y]!
    return Math.abs(sum / side) < noise ? 0 : sum / side
  })
}

function signBits(coefficients: readonly number[]): [high: number, low: number] {
  const sorted = coefficients.slice().sort((a, b) => a - b)
  const median = (sorted[(kept * kept) / 2 - 1]! + sorted[(kept * kept) / 2]!) / 2
  const bits: [number, number] = [0, 0]
  for (const [i, value] of coefficients.entries()) {
    if (value > median) bits[i < 32 ? 0 : 1] |= 1 << (i % 32)
  }
  return [bits[0] >>> 0, bits[1] >>> 0]
}
