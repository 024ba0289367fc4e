import { expect, test } from 'vitest'
import { hostArray, random } from '../core/index.ts'
import { Engine, toHost } from '../engine/index.ts'
import { writeOnnx } from '../graph/index.ts'
import { type FrameSize, framesGraph } from './frames-graph.ts'
import { imageBatch } from './image-batch.ts'
import type { ImageProcessing } from './image-processing.ts'

const processing: ImageProcessing = {
  size: 24,
  fit: 'contain',
  background: [1, 0.5, 0],
  mean: [0.5, 0.4, 0.3],
  std: [0.25, 0.3, 0.35],
}

/** A frame of soft shapes and some noise, as cameras give them. */
function frameOf({ width, height }: FrameSize): Uint8Array {
  const stream = random(3, 'frame')
  return Uint8Array.from({ length: 3 * width * height }, (_, i) => {
    const [x, y] = [((i / 3) | 0) % width, Math.floor(i / 3 / width)]
    const wave = 127 + 90 * Math.sin((x * (1 + (i % 3))) / width / 0.2) * Math.cos(y / height / 0.3)
    return Math.max(0, Math.min(255, wave + stream.normal(0, 12)))
  })
}

test.each<[string, Partial<ImageProcessing>, FrameSize]>([
  ['a frame of the model’s size, which is not scaled', {}, { width: 24, height: 24 }],
  ['a wide frame that is contained', {}, { width: 64, height: 40 }],
  ['a high frame that is covered', { fit: 'cover' }, { width: 40, height: 64 }],
  ['a frame of which the middle is cut out', { fit: 'cover', cropFraction: 0.8 }, { width: 33, height: 30 }],
  ['a frame that is stretched, bilinearly', { fit: 'fill', kernel: 'bilinear' }, { width: 50, height: 30 }],
  ['a small frame that is enlarged', { fit: 'fill', kernel: 'lanczos' }, { width: 10, height: 12 }],
])('the graph prepares %s as the runtime does', async (_, change, size) => {
  const image = { ...processing, ...change }
  const data = frameOf(size)
  const { outputs, symbolicSizes } = framesGraph(image, size)
  const program = await new Engine({ threads: 1 }).load(writeOnnx(outputs, { symbolicSizes }).bytes)
  const two = new Uint8Array([...data, ...data])
  const { pixel_values } = await program.run({
    frames: hostArray('uint8', [2, size.height, size.width, 3], two),
  })
  const found = await toHost(pixel_values!, 'float32')
  const expected = await imageBatch(
    [
      { ...size, data },
      { ...size, data },
    ],
    image,
    String,
  )
  expect(pixel_values!.dims).toEqual(expected.shape)
  const area = image.size ** 2
  const levels = expected.data.map((value, i) => {
    const channel = Math.floor(i / area) % 3
    return Math.abs(value - found[i]!) * image.std[channel]! * 255
  })
  expect(Math.max(...levels)).toBeLessThan(1.01) // one of 255 levels, where a sum lies between two
  expect(levels.filter((level) => level > 0.01).length / levels.length).toBeLessThan(0.03)
})

test('a large frame, which the runtime reduces by libvips, is within some levels', async () => {
  const size = { width: 640, height: 480 }
  const data = frameOf(size)
  const { outputs, symbolicSizes } = framesGraph({ ...processing, fit: 'cover' }, size)
  const program = await new Engine({ threads: 1 }).load(writeOnnx(outputs, { symbolicSizes }).bytes)
  const { pixel_values } = await program.run({ frames: hostArray('uint8', [1, 480, 640, 3], data) })
  const found = await toHost(pixel_values!, 'float32')
  const expected = await imageBatch([{ ...size, data }], { ...processing, fit: 'cover' }, String)
  const worst = expected.data.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0)
  expect(worst * 255 * 0.35).toBeLessThan(6)
})

test.each([
  { width: 0, height: 3 },
  { width: 1.5, height: 3 },
])('frames of %j are refused', (size) => {
  expect(() => framesGraph(processing, size)).toThrow(expect.objectContaining({ code: 'deploy/frame-size' }))
})
