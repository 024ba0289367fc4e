/**
 * Gaussian blur of [height, width, 3] by a standard deviation in pixels, along rows, then along columns; the kernel
 * ends at three deviations, the edge's pixels continue beyond the edge.
 */
export function blurPicture(picture: Float32Array, width: number, deviation: number): Float32Array {
  const height = picture.length / (3 * width)
  const reach = Math.ceil(3 * deviation)
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  )
  const sum = kernel.reduce((total, weight) => total + weight, 0)
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= sum
  const rows = blurLines(picture, kernel, { length: width, step: 3, lines: height, lineStep: 3 * width })
  return blurLines(rows, kernel, { length: height, step: 3 * width, lines: width, lineStep: 3 })
}

/** How lines of pixels lie in the array. */
interface Lines {
  readonly length: number
  readonly step: number
  readonly lines: number
  readonly lineStep: number
}

function blurLines(
  picture: Float32Array,
  kernel: Float64Array,
  { length, step, lines, lineStep }: Lines,
): Float32Array {
  const out = new Float32Array(picture.length)
  const reach = (kernel.length - 1) / 2
  for (let line = 0; line < lines; line++) {
    for (let at = 0; at < length; at++) {
      let red = 0
      let green = 0
      let blue = 0
      for (let tap = -reach; tap <= reach; tap++) {
        const place = at + tap < 0 ? 0 : at + tap >= length ? length - 1 : at + tap
        const from = line * lineStep + place * step
        const weight = kernel[tap + reach]!
        red += weight * picture[from]!
        green += weight * picture[from + 1]!
        blue += weight * picture[from + 2]!
      }
      const to = line * lineStep + at * step
      out[to] = red
      out[to + 1] = green
      out[to + 2] = blue
    }
  }
  return out
}
