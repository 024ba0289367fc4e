import { readFileSync } from 'node:fs'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { emojiPicture } from '../../../test/support/emoji-picture.ts'
import { spots, waves } from '../../../test/support/waves.ts'
import { random } from '../../core/index.ts'
import type { Pixels } from '../images/index.ts'
import {
  applyTransforms,
  type CorruptionName,
  corruption,
  corruptionNames,
  type ImageTransform,
  imageTransforms,
  sensorNoise,
} from './index.ts'
import { throughJpeg } from './jpeg.ts'

interface Case {
  readonly side: number
  readonly name: Exclude<CorruptionName, 'occlusion'>
  readonly severity: number
  readonly values: readonly number[]
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL('../../../test/golden/images/corruptions.json', import.meta.url), 'utf8'),
)

/** Bytes of red, green and blue as the decoder's pixels. */
function pixelsOf(data: Uint8Array, side: number): Pixels {
  const pixels = { width: side, height: side, data: new Uint8Array(4 * side * side).fill(255) }
  for (const [i, value] of data.entries()) pixels.data[4 * Math.floor(i / 3) + (i % 3)] = value
  return pixels
}

const run = (pixels: Pixels, transforms: readonly ImageTransform[], seed = 1) =>
  applyTransforms(pixels, { transforms, background: [1, 1, 1], caption: '', random: random(seed, 'spoil') })

let emoji: Buffer

beforeAll(async () => {
  emoji = await emojiPicture(64)
})

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.sqrt(Array.from(a, (value, i) => (value - b[i]!) ** 2).reduce((x, y) => x + y, 0))
}

/** Errors of colours at the places of the golden file. */
function errorsOf(name: CorruptionName): { errors: number[]; cases: number } {
  const own = cases.filter((each) => each.name === name)
  const errors = own.flatMap(({ side, severity, values }) => {
    const { colors } = run(pixelsOf(waves(side, side).data, side), [corruption({ name, severity })])
    const found = [0, 1, 2].flatMap((c) => spots(side).map((place) => colors[c * side * side + place]!))
    return found.map((value, i) => Math.abs(value - values[i]!))
  })
  return { errors, cases: own.length }
}

describe('corruption', () => {
  it.each([
    ['brightness', 1e-5, 10],
    ['contrast', 1e-5, 10],
    ['blur', 0.01, 5], // another rim of the disc
  ] as const)('%s as in ImageNet-C, to %d', (name, tolerance, count) => {
    const { errors, cases } = errorsOf(name)
    expect(Math.max(...errors)).toBeLessThan(tolerance)
    expect(cases).toBe(count)
  })

  it('jpeg as in Pillow, to two levels but for coefficients that lie between two steps', () => {
    const { errors, cases } = errorsOf('jpeg')
    expect(errors.filter((error) => 255 * error > 2.01).length / errors.length).toBeLessThan(0.05)
    expect((255 * errors.reduce((a, b) => a + b)) / errors.length).toBeLessThan(0.5)
    expect(cases).toBe(10)
  })

  it.each([...corruptionNames, 'noise'] as const)(
    '%s is further from the image with every severity',
    async (name) => {
      const pixels = pixelsOf(await sharp(emoji).removeAlpha().raw().toBuffer(), 64)
      const clean = run(pixels, []).colors
      const severities = name === 'noise' ? [1, 2, 3] : [1, 2, 3, 4, 5]
      const distances = severities.map((severity) => {
        const level = severity / 10
        const transform =
          name === 'noise' ? sensorNoise({ deviation: [level, level] }) : corruption({ name, severity })
        return distance(run(pixels, [transform]).colors, clean)
      })
      for (const [i, far] of distances.entries()) expect(far).toBeGreaterThan(1.03 * (distances[i - 1] ?? 1))
    },
  )

  it('occlusion covers its part of the image in grey, a smaller square within a larger one, and labels stay', () => {
    const black = pixelsOf(new Uint8Array(3 * 50 * 50), 50)
    for (let seed = 0; seed < 20; seed++) {
      let within = new Set<number>()
      for (const [severity, side] of [16, 22, 27, 32, 35].entries()) {
        const { colors } = run(black, [corruption({ name: 'occlusion', severity: severity + 1 })], seed)
        const covered = new Set([...colors.keys()].filter((i) => colors[i] !== 0))
        expect(covered.size).toBe(3 * side * side)
        expect(colors[[...covered][0]!]).toBe(0.5)
        expect([...within].every((i) => covered.has(i))).toBe(true)
        within = covered
      }
    }
    const { labels } = applyTransforms(black, {
      transforms: [corruption({ name: 'occlusion', severity: 5 })],
      background: [1, 1, 1],
      caption: '',
      random: random(1, 'spoil'),
      labels: { tip: [0.5, 0.5], box: [0, 0, 1, 1] },
      labelKinds: { tip: { kind: 'point' }, box: { kind: 'box' } },
    })
    expect(labels).toEqual({ tip: [0.5, 0.5], box: [0, 0, 1, 1] })
  })

  it('brightness keeps the hue, and makes black grey', () => {
    const { colors } = run(pixelsOf(Uint8Array.of(51, 102, 0, 0, 0, 0, 255, 0, 0, 255, 255, 255), 2), [
      corruption({ name: 'brightness', severity: 2 }),
    ])
    const expected = [0.3, 0.2, 1, 1, 0.6, 0.2, 0, 1, 0, 0.2, 0, 1]
    for (const [i, value] of colors.entries()) expect(value).toBeCloseTo(expected[i]!, 6)
  })

  it('is checked data', () => {
    const list = corruptionNames.map((name) => corruption({ name, severity: 3 }))
    expect(imageTransforms(JSON.parse(JSON.stringify(list)))).toEqual(list)
    for (const severity of [0, 6, 1.5]) {
      expect(() => corruption({ name: 'blur', severity })).toThrow(
        expect.objectContaining({ code: 'augment/parameters' }),
      )
    }
    expect(() => imageTransforms([{ kind: 'corruption', name: 'fog', severity: 1 } as never])).toThrow(
      'corruption.name',
    )
  })
})

describe('throughJpeg', () => {
  it.each([
    [64, 64],
    [61, 45],
    [1, 1],
    [9, 17],
  ])('loses what libjpeg loses in %d × %d pixels', async (width, height) => {
    const picture = sharp(emoji).extract({ left: 0, top: 0, width, height })
    const bytes = await picture.removeAlpha().raw().toBuffer()
    for (const quality of [7, 15, 25, 90]) {
      const raw = { width, height, channels: 3 } as const
      const jpeg = await sharp(bytes, { raw }).jpeg({ quality, chromaSubsampling: '4:2:0' }).toBuffer()
      const theirs = await sharp(jpeg).raw().toBuffer()
      const planes = new Float32Array(bytes.length)
      const area = width * height
      for (const [i, value] of bytes.entries()) planes[(i % 3) * area + Math.floor(i / 3)] = value / 255
      throughJpeg(planes, { width, height }, quality)
      const errors = [...theirs].map((value, i) =>
        Math.abs(value - 255 * planes[(i % 3) * area + Math.floor(i / 3)]!),
      )
      // Coefficients that libjpeg's whole numbers round the other way are rare.
      expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.5)
    }
  })
})
