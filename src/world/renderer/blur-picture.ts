/**
 * Gaussian blur of [height, width, 3] by a standard deviation in pixels, along rows, then along columns. The kernel
 * ends at about three deviations; the edge's pixels continue beyond the edge.
 */
export function blurPicture(picture: Float32Array, width: number, deviation: number): Float32Array {
  const height = picture.length / (3 * width)
  const reach = Math.round(3 * deviation)
  if (reach === 0) return picture
  const kernel = Float64Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * deviation ** 2)),
  )
  const sum = kernel.reduce((total, weight) => total + weight, 0)
  for (let i = 0; i < kernel.length; i++) kernel[i]! /= sum
  const out = new Float32Array(picture.length)
  blurLines(picture, kernel, { length: width, step: 3, lines: height, lineStep: 3 * width }, out)
  blurLines(out, kernel, { length: height, step: 3 * width, lines: width, lineStep: 3 }, out)
  return out
}

/** Layout of lines of pixels in the array. */
interface Lines {
  readonly length: number
  readonly step: number
  readonly lines: number
  readonly lineStep: number
}

/** Blur each line: copy it with its edges continued, then write it back. */
function blurLines(
  picture: Float32Array,
  kernel: Float64Array,
  { length, step, lines, lineStep }: Lines,
  out: Float32Array,
): void {
  const reach = (kernel.length - 1) / 2
  const line = new Float64Array(length + 2 * reach)
  for (let start = 0; start < lines * lineStep; start += lineStep) {
    for (let first = start; first < start + 3; first++) {
      for (let i = 0; i < line.length; i++) {
        const at = i < reach ? 0 : Math.min(length - 1, i - reach)
        line[i] = picture[first + at * step]!
      }
      for (let i = 0; i < length; i++) {
        let sum = 0
        for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap]! * line[i + tap]!
        out[first + i * step] = sum
      }
    }
  }
}
