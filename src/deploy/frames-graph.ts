import { ConfigError, float32, type HostArray, zeros } from '../core/index.ts'
import { centred, type DecodeOptions, scaledSize } from '../data/images/fit.ts'
import { scalingMatrix } from '../data/images/resample.ts'
import { constant, input, symbolicPrimes, type Tensor } from '../graph/index.ts'
import type { ExportedGraph } from '../models/index.ts'
import type { ImageProcessing } from './image-processing.ts'

/** Size of a camera's frames in pixels. */
export interface FrameSize {
  readonly width: number
  readonly height: number
}

/** Name of the graph, and of its file. */
export const framesGraphName = 'frames'

const [batch] = symbolicPrimes

/**
 * The preparation of a camera's frames as a graph, for programs on a robot that are not ours: `frames` uint8 [frames, height,
 * width, 3], red, green and blue → `pixel_values` float32 [frames, 3, size, size], as the model takes them.
 *
 * Scaling by a separable kernel is linear, so it is two matrix products, each rounded to whole levels as an image is:
 * rows · frame · columnsᵀ. Cutting off leaves rows out; filling up leaves rows of zeros, where the background is added.
 * @throws ConfigError `deploy/frame-size` for a size that is not of whole pixels.
 */
export function framesGraph(processing: ImageProcessing, { width, height }: FrameSize): ExportedGraph {
  requireSize({ width, height })
  const { size, mean, std, fit, cropFraction, kernel } = processing
  const options: DecodeOptions = { resolution: size, fit, cropFraction, kernel }
  const scaled = scaledSize({ width, height }, options)
  const frame = centred(scaled, size)
  const across = scalingMatrix(width, scaled.width, { before: frame.left, count: size, kernel })
  const down = scalingMatrix(height, scaled.height, { before: frame.top, count: size, kernel })

  const frames = input('frames', [batch, height, width, 3], 'uint8')
  const planes = frames.cast('float32').transpose([0, 3, 1, 2]) // [frames, 3, height, width]
  const columns = levels(planes.matmul(constant(float32([size, width], across)), { transposeB: true }))
  const square = levels(constant(float32([1, 1, size, height], down)).matmul(columns)) // [frames, 3, size, size]
  const colors = square
    .mul(1 / 255)
    .add(constant(backgroundOf(processing, { across, down }, { width, height })))
  const channels = (values: readonly number[]) => constant(float32([1, 3, 1, 1], values))
  const pixels = colors.sub(channels(mean)).mul(channels(std.map((deviation) => 1 / deviation)))
  return {
    outputs: { pixel_values: pixels },
    symbolicSizes: [{ prime: batch, name: 'frames', input: frames, axis: 0 }],
  }
}

/** A float32 from which on only whole numbers are floats: a sum with it is rounded, halves to the even number. */
const wholeFrom = 1.5 * 2 ** 23

/** Whole levels from 0 to 255, as bytes are rounded: kernels overshoot at edges. */
const levels = (x: Tensor): Tensor => x.clamp(0, 255).add(wholeFrom).sub(wholeFrom)

/** The background where no pixel of the frame lies, [1, 3, size, size]; a row of zeros takes from no pixel. */
function backgroundOf(
  { size, background }: ImageProcessing,
  { across, down }: { readonly across: Float32Array; readonly down: Float32Array },
  { width, height }: FrameSize,
): HostArray<'float32'> {
  const isEmpty = (matrix: Float32Array, row: number, length: number) =>
    matrix.subarray(row * length, (row + 1) * length).every((weight) => weight === 0)
  const plane = zeros('float32', [1, 3, size, size])
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      if (!isEmpty(down, y, height) && !isEmpty(across, x, width)) continue
      for (let c = 0; c < 3; c++) plane.data[(c * size + y) * size + x] = background[c]!
    }
  return plane
}

function requireSize({ width, height }: FrameSize): void {
  if ([width, height].every((side) => Number.isInteger(side) && side > 0)) return
  const message = `a camera's frames have whole numbers of pixels, not ${width} × ${height}`
  throw new ConfigError('deploy/frame-size', message, { width, height })
}
