import { describe, expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import type { Color, Pixels } from '../images/index.ts'
import {
  applyTransforms,
  centerCrop,
  clipStatistics,
  colorJitter,
  corruption,
  defocusBlur,
  evaluationTransforms,
  gaussianBlur,
  horizontalFlip,
  type ImageTransform,
  imageNetStatistics,
  imageTransforms,
  lightDirection,
  multiCrop,
  normalize,
  outputSize,
  randAugment,
  randomAffine,
  randomBackground,
  randomErasing,
  randomGrayscale,
  randomResizedCrop,
  requireCropsFit,
  resize,
  rotation,
  sensorNoise,
  standardAugmentation,
} from './index.ts'

const all: ImageTransform[] = [
  randomBackground(),
  randomResizedCrop(12),
  resize(11),
  centerCrop(10),
  horizontalFlip(),
  rotation(),
  randomAffine({ degrees: 5, translate: 0.1, scale: [0.9, 1.1], shear: 5 }),
  colorJitter(),
  randomGrayscale(),
  gaussianBlur(),
  randomErasing(),
  randAugment(),
  lightDirection(),
  defocusBlur(),
  sensorNoise(),
  corruption({ name: 'jpeg', severity: 1 }),
  normalize(clipStatistics),
]

const picture: Pixels = {
  width: 16,
  height: 16,
  data: Uint8Array.from({ length: 1024 }, (_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256)),
}

const run = (transforms: ImageTransform[], caption: string, seed: number) =>
  applyTransforms(picture, {
    transforms,
    background: [1, 1, 1] satisfies Color,
    caption,
    random: random(11, seed),
  })

describe('image transforms', () => {
  it('are plain data with defaults filled in', () => {
    expect(randomResizedCrop(64, { scale: [0.8, 1] })).toEqual({
      kind: 'randomResizedCrop',
      size: 64,
      scale: [0.8, 1],
      ratio: [3 / 4, 4 / 3],
    })
    expect(JSON.parse(JSON.stringify(all))).toEqual(all)
    expect(imageTransforms(JSON.parse(JSON.stringify(all)))).toEqual(all)
    expect(imageTransforms([{ kind: 'rotation' }])).toEqual([rotation(10)])
    expect(imageTransforms([{ kind: 'normalize' }])).toEqual([normalize(imageNetStatistics)])
    expect(imageTransforms(JSON.parse(JSON.stringify(standardAugmentation(64))))).toEqual(
      standardAugmentation(64),
    )
  })

  it('give the same bits for the same seed, others for another', () => {
    const [a, b, c] = [run(all, 'x', 1), run(all, 'x', 1), run(all, 'x', 2)]
    expect(a).toEqual(b)
    expect(a.colors).not.toEqual(c.colors)
    expect(a.colors.length).toBe(300)
    expect(a.colors.every(Number.isFinite)).toBe(true)
  })

  it.each([
    [{ kind: 'colorJiter' }, 'augment/unknown', "did you mean 'colorJitter'"],
    [{ kind: 'toString' }, 'augment/unknown', 'toString'],
    [{ kind: 'colorJitter', hue: 0.7 }, 'augment/parameters', 'colorJitter.hue'],
    [{ kind: 'colorJitter', hue: 0.7 }, 'augment/parameters', '<=0.5'],
    [{ kind: 'colorJitter', brightnes: 0.1 }, 'augment/parameters', "did you mean 'brightness'"],
    [{ kind: 'randomResizedCrop' }, 'augment/parameters', 'randomResizedCrop.size'],
    [{ kind: 'randomResizedCrop', size: 8, scale: [1, 0.5] }, 'augment/parameters', 'smaller number'],
    [{ kind: 'gaussianBlur', kernel: 4 }, 'augment/parameters', 'odd'],
    [{ kind: 'horizontalFlip', probability: Number.NaN }, 'augment/parameters', 'probability'],
    [{ kind: 'normalize', mean: [0, 0, 0], std: [1, 0, 1] }, 'augment/parameters', 'normalize.std.1'],
  ])('refuse %o', (value, code, words) => {
    const attempt = () => imageTransforms([value])
    expect(attempt).toThrow(expect.objectContaining({ code }))
    expect(attempt).toThrow(words)
  })

  it('refuse an order that cannot be', () => {
    const order = expect.objectContaining({ code: 'augment/order' })
    expect(() => imageTransforms([normalize(clipStatistics), rotation()])).toThrow(order)
    expect(() => imageTransforms([normalize(clipStatistics), normalize(clipStatistics)])).toThrow(order)
    expect(() => imageTransforms([colorJitter(), randomBackground()])).toThrow(order)
    const crops = multiCrop(8, { localSize: 4 })
    expect(() => imageTransforms([crops, crops])).toThrow(order)
  })

  it('become deterministic for evaluation, the same size', () => {
    const evaluation = evaluationTransforms(all)
    expect(evaluation).toEqual([resize(12), resize(11), centerCrop(10), normalize(clipStatistics)])
    expect(evaluationTransforms([multiCrop(8, { localSize: 4 }), colorJitter()])).toEqual([resize(8)])
    expect(outputSize(all, 99)).toBe(10)
    expect(outputSize(evaluation, 99)).toBe(10)
    expect(outputSize([rotation()], 99)).toBe(99)
  })
})

describe('a crop larger than the picture', () => {
  it('is refused, naming both sizes', () => {
    const attempt = () => requireCropsFit([resize(48), horizontalFlip(), centerCrop(56)], 64)
    expect(attempt).toThrow(expect.objectContaining({ code: 'augment/crop', facts: { size: 56, of: 48 } }))
    expect(attempt).toThrow('56 × 56 pixels out of 48 × 48')
    requireCropsFit([centerCrop(56), resize(64), centerCrop(64)], 64)
  })
})

describe('captions follow their pictures', () => {
  it('flipped', () => {
    const flip = [horizontalFlip({ probability: 1 })]
    expect(run(flip, 'the LEFT cup, turned clockwise', 1).caption).toBe(
      'the RIGHT cup, turned counterclockwise',
    )
    expect(run([...flip, ...flip], 'the left cup', 1).caption).toBe('the left cup')
    expect(run([horizontalFlip({ probability: 0 })], 'the left cup', 1).caption).toBe('the left cup')
  })

  it('or the picture stays: far turns where a direction is named', () => {
    const still = run([], '', 1).colors
    expect(run([rotation(90)], 'the cup on the left', 1).colors).toEqual(still)
    expect(run([rotation(90)], 'a thumb pointing up', 1).colors).toEqual(still)
    expect(run([rotation(90)], 'a cup', 1).colors).not.toEqual(still)
    expect(run([rotation(10)], 'the cup on the left', 1).colors).not.toEqual(still)
  })

  it('or the hue stays: where the caption names it', () => {
    const still = run([], '', 1).colors
    const hueOnly = [colorJitter({ brightness: 0, contrast: 0, saturation: 0, hue: 0.5 })]
    expect(run(hueOnly, 'a red cup', 1).colors).toEqual(still)
    expect(run(hueOnly, 'a cup', 1).colors).not.toEqual(still)
    expect(run([randomGrayscale({ probability: 1 })], 'Green tea', 1).colors).toEqual(still)
    expect(run([colorJitter()], 'a red cup', 1).colors).not.toEqual(still)
  })
})

describe('colorJitter', () => {
  it('draws brightness within its range, both ways', () => {
    const gray: Pixels = { width: 1, height: 1, data: Uint8Array.of(102, 102, 102, 255) }
    const transforms = [colorJitter({ brightness: 0.3, contrast: 0, saturation: 0, hue: 0 })]
    const factors = Array.from({ length: 300 }, (_, seed) => {
      const options = {
        transforms,
        background: [1, 1, 1] satisfies Color,
        caption: '',
        random: random(11, seed),
      }
      return applyTransforms(gray, options).colors[0]! / 0.4
    })
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(0.7 - 1e-5)
    expect(Math.max(...factors)).toBeLessThanOrEqual(1.3 + 1e-5)
    expect(Math.min(...factors)).toBeLessThan(0.72)
    expect(Math.max(...factors)).toBeGreaterThan(1.28)
  })
})
