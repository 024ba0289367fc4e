import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../core/index.ts'
import {
  centerCrop,
  clipStatistics,
  colorJitter,
  defocusBlur,
  gaussianBlur,
  horizontalFlip,
  type ImageTransform,
  imageNetStatistics,
  lightDirection,
  multiCrop,
  normalize,
  randAugment,
  randomAffine,
  randomBackground,
  randomErasing,
  randomGrayscale,
  randomResizedCrop,
  rotation,
  sensorNoise,
} from './augment/index.ts'
import type { ImageEye } from './eyes.ts'
import { loader } from './loader.ts'
import type { LoaderOptions, LoaderPosition } from './loader-options.ts'
import { cutMix, mixUp } from './mix/index.ts'
import type { Sample } from './sample.ts'
import type { Source } from './source.ts'

const plain = { mean: [0, 0, 0], std: [1, 1, 1] } as const

let samples: Sample[]

/** Drawings with shades, edges and transparency. */
beforeAll(async () => {
  samples = await Promise.all(
    Array.from({ length: 6 }, async (_, i): Promise<Sample> => {
      const svg = `<svg width="120" height="96" viewBox="0 0 120 96"><defs><linearGradient id="g" x2="1" y2="0.${i}">
        <stop stop-color="hsl(${60 * i},80%,20%)"/><stop offset="1" stop-color="hsl(${60 * i + 120},90%,80%)"/>
        </linearGradient></defs><rect x="8" width="112" height="96" fill="url(#g)"/>
        <circle cx="${30 + 10 * i}" cy="40" r="18" fill="#fc3"/></svg>`
      const bytes = await sharp(Buffer.from(svg)).png().toBuffer()
      return { id: `s${i}`, image: { bytes }, captions: [`a dot left of ${i}`], origin: { file: `${i}` } }
    }),
  )
})

const memory = (from: readonly Sample[] = samples): Source => ({
  name: 'memory',
  size: from.length,
  async *samples({ skip = 0 } = {}) {
    yield* from.slice(skip)
  },
})

async function take(count: number, changes: Partial<LoaderOptions> = {}) {
  const stream = loader({ source: memory(), batchSize: 4, seed: 3, resolution: 20, workers: 0, ...changes })
  const batches: Batch[] = []
  const positions: LoaderPosition[] = []
  for await (const batch of stream) {
    batches.push(batch)
    positions.push(JSON.parse(JSON.stringify(stream.position)))
    if (batches.length === count) break
  }
  return { batches, positions }
}

const teacher = (eye: Partial<ImageEye> = {}) => ({
  images: { 'teacher.pixelValues': { resolution: 32, ...plain, ...eye } },
})
const pixelsOf = (batch: Batch, name = 'pixelValues') => batch.arrays[name]!.data as Float32Array
const eyeOf = (batch: Batch) => pixelsOf(batch, 'teacher.pixelValues')
const without = ({ ids, arrays }: Batch): Batch => {
  const { 'teacher.pixelValues': _, ...others } = arrays
  return { ids, arrays: others }
}

/** Moves, colours, moves again, in every kind. */
const everything: readonly ImageTransform[] = [
  randomResizedCrop(16, { scale: [0.2, 1] }),
  horizontalFlip(),
  rotation(),
  randomBackground(),
  colorJitter(),
  randomAffine({ degrees: 5, translate: 0.1, scale: [0.9, 1.3], shear: 5 }),
  gaussianBlur({ kernel: 5 }),
  defocusBlur(),
  lightDirection(),
  randomErasing(),
  randAugment(),
  randomGrayscale(),
  sensorNoise(),
  normalize(clipStatistics),
]

describe('a further eye on the image', () => {
  it('leaves every other array as it would be without it, whatever the transforms', async () => {
    for (const augment of [everything, [multiCrop(16, { localSize: 8 }), ...everything.slice(1)]]) {
      const alone = await take(4, { augment })
      const both = await take(4, { augment, ...teacher() })
      expect(both.batches[0]!.arrays['teacher.pixelValues']).toMatchObject({
        dtype: 'float32',
        shape: [4, 3, 32, 32],
      })
      expect(both.batches.map(without)).toEqual(alone.batches)
      expect(both.positions).toEqual(alone.positions)
    }
  })

  it('sees exactly the main image where size and statistics are the same', async () => {
    const { batches } = await take(6, {
      augment: everything,
      ...teacher({ resolution: 16, ...clipStatistics }),
    })
    for (const batch of batches) expect(eyeOf(batch)).toEqual(pixelsOf(batch))
    const crops = [
      colorJitter(),
      multiCrop(16, { localSize: 8 }),
      horizontalFlip(),
      normalize(clipStatistics),
    ]
    const further = await take(3, { augment: crops, ...teacher({ resolution: 16, ...clipStatistics }) })
    for (const batch of further.batches) expect(eyeOf(batch)).toEqual(pixelsOf(batch))
  })

  it('sees what a loader of twice the size gives, with draws of the main one', async () => {
    const list = (factor: number) => [
      randomResizedCrop(16 * factor, { scale: [0.2, 1] }),
      horizontalFlip(),
      rotation(),
      randomBackground(),
      colorJitter(),
      randomAffine({ degrees: 5, translate: 0.1, shear: 5 }),
      gaussianBlur({ kernel: 1 + 4 * factor, sigma: [0.5 * factor, factor] }),
      defocusBlur({ radius: [0, 2 * factor] }),
      lightDirection(),
      randomErasing(),
      randomGrayscale(),
    ]
    const { batches } = await take(4, { augment: list(1), ...teacher() })
    const doubled = await take(4, { augment: [...list(2), normalize(plain)], resolution: 40 })
    for (const [i, batch] of batches.entries()) {
      const expected = pixelsOf(doubled.batches[i]!)
      const worst = eyeOf(batch).reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0)
      expect(worst).toBeLessThan(0.01) // colours that lie between two bytes may be rounded either way
    }
  })

  it('shows the same part of the image: made smaller, it is the main one', async () => {
    const ramp = await sharp({ create: { width: 90, height: 90, channels: 3, background: '#000' } })
      .composite([
        {
          input: Buffer.from(
            `<svg width="90" height="90"><defs><linearGradient id="x"><stop stop-color="#f00"/><stop offset="1"
            stop-color="#0f0"/></linearGradient></defs><rect width="90" height="90" fill="url(#x)"/></svg>`,
          ),
        },
      ])
      .png()
      .toBuffer()
    const source = memory(samples.map((sample) => ({ ...sample, image: { bytes: ramp } })))
    const lists: ImageTransform[][] = [
      [randomResizedCrop(8, { scale: [0.1, 1] }), horizontalFlip(), rotation(20)],
      [centerCrop(8)],
      [randomResizedCrop(10, { scale: [0.3, 1] }), colorJitter({ hue: 0 }), centerCrop(7), centerCrop(8 - 2)],
    ]
    for (const augment of lists) {
      const size = augment.findLast((transform) => 'size' in transform)!.size
      const { batches } = await take(5, {
        source,
        resolution: 11,
        augment,
        ...teacher({ resolution: 3 * size }),
      })
      for (const batch of batches) {
        const [small, large] = [pixelsOf(batch), eyeOf(batch)]
        for (let i = 0; i < small.length; i++) {
          const [x, line] = [i % size, Math.floor(i / size)]
          if (x === 0 || x === size - 1) continue // beyond its edge the ramp is flat
          const middle = large[(3 * line + 1) * 3 * size + 3 * x + 1]!
          expect(Math.abs(middle - small[i]!)).toBeLessThan(0.06)
        }
      }
    }
  })

  it('has detail that the main image is too small for', async () => {
    const stripes = Buffer.alloc(64 * 64 * 3).map((_, i) => (Math.floor(i / 3) % 2) * 255)
    const bytes = await sharp(stripes, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer()
    const source = memory(samples.map((sample) => ({ ...sample, image: { bytes } })))
    const spread = (values: Float32Array) => Math.max(...values) - Math.min(...values)
    for (const mode of ['train', 'evaluate'] as const) {
      const { batches } = await take(1, { source, mode, resolution: 16, ...teacher({ resolution: 64 }) })
      expect(spread(pixelsOf(batches[0]!))).toBeLessThan(0.1)
      expect(spread(eyeOf(batches[0]!))).toBe(1)
    }
  })

  it('sees in evaluation what the evaluation of its own model sees', async () => {
    const augment = [randomResizedCrop(16), horizontalFlip(), colorJitter(), normalize(clipStatistics)]
    for (const fit of ['cover', 'fill', 'contain'] as const) {
      const eye = teacher({ resolution: 27, ...imageNetStatistics, fit })
      const { batches } = await take(9, { mode: 'evaluate', augment, ...eye })
      const alone = await take(9, { mode: 'evaluate', augment })
      expect(batches.map(without)).toEqual(alone.batches)
      const own = { resolution: 27, fit, augment: [normalize(imageNetStatistics)] }
      const expected = await take(9, { mode: 'evaluate', ...own })
      expect(batches.map(eyeOf)).toEqual(expected.batches.map((batch) => pixelsOf(batch)))
    }
  })

  it('is the same from workers, from any position, and with a cache of any size', async () => {
    const changes = { augment: everything, ...teacher({ fit: 'fill' }) }
    const { batches, positions } = await take(5, changes)
    expect((await take(3, { ...changes, position: positions[1]! })).batches).toEqual(batches.slice(2))
    const slot = 4 * (20 * 20 + 40 * 40) + 32
    expect((await take(5, { ...changes, workers: 1, cacheBytes: 3 * slot })).batches).toEqual(batches)
    expect((await take(5, { ...changes, cacheBytes: 0 })).batches).toEqual(batches)
  })

  it('may be one of several', async () => {
    const images = {
      'a.pixelValues': { resolution: 16, ...plain },
      'b.pixelValues': { resolution: 8, ...clipStatistics },
    }
    const { batches } = await take(2, { augment: [randomResizedCrop(16), normalize(plain)], images })
    for (const batch of batches) {
      expect(pixelsOf(batch, 'a.pixelValues')).toEqual(pixelsOf(batch))
      expect(batch.arrays['b.pixelValues']!.shape).toEqual([4, 3, 8, 8])
    }
  })

  it.each([
    [{ teacher: { resolution: 8, ...plain } }, 'data/eye-name', 'images has "teacher"'],
    [{ pixelValues: { resolution: 8, ...plain } }, 'data/eye-name', '<eye>.pixelValues'],
    [{ 't.pixelValues': { resolution: 0, ...plain } }, 'data/eye', 'images["t.pixelValues"].resolution'],
    [{ 't.pixelValues': { resolution: 8, mean: [0, 0, 0] } }, 'data/eye', 'images["t.pixelValues"].std'],
    [{ 't.pixelValues': { resolution: 8, ...plain, fitt: 'fill' } }, 'data/eye', 'fitt'],
  ])('%j is refused by name', (images, code, words) => {
    const attempt = () =>
      loader({ source: memory(), batchSize: 1, seed: 0, resolution: 8, images: images as never })
    expect(attempt).toThrow(expect.objectContaining({ code }))
    expect(attempt).toThrow(words)
  })

  it('may not be called as a label or an array of the source', () => {
    const open = (described: Partial<Source>) => () =>
      loader({ source: { ...memory(), ...described }, batchSize: 1, seed: 0, resolution: 8, ...teacher() })
    expect(open({ labels: { 'teacher.pixelValues': { kind: 'point' } } })).toThrow(
      expect.objectContaining({ code: 'data/label-name' }),
    )
    expect(open({ arrays: { 'teacher.pixelValues': { dtype: 'uint8', shape: [] } } })).toThrow(
      expect.objectContaining({ code: 'data/array-name' }),
    )
  })
})

describe('mixing', () => {
  /** Each sample of one shade; the eye doubles the size. */
  const shaded = async () =>
    Promise.all(
      samples.map(async (sample, i) => {
        const background = { r: 40 * i, g: 40 * i, b: 40 * i }
        const picture = sharp({ create: { width: 8, height: 8, channels: 3, background } })
        return { ...sample, image: { bytes: await picture.png().toBuffer() } }
      }),
    )

  it.each([mixUp({ alpha: 1 }), cutMix()])('mixes all eyes alike: $kind', async (method) => {
    const changes = { source: memory(await shaded()), resolution: 8, mix: [method] }
    const { batches } = await take(8, { ...changes, ...teacher({ resolution: 16 }) })
    expect(batches.map(without)).toEqual((await take(8, changes)).batches)
    for (const batch of batches) {
      const [small, large] = [pixelsOf(batch), eyeOf(batch)]
      const doubled = large.map((_, i) => {
        const [x, line] = [i % 16, Math.floor(i / 16)]
        const [y, plane] = [line % 16, Math.floor(line / 16)]
        return small[(plane * 8 + (y >> 1)) * 8 + (x >> 1)]!
      })
      expect(large).toEqual(doubled)
    }
  })
})
