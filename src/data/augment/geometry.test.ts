import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import type { Color, Pixels } from '../images/index.ts'
import { aboutCenter } from './affine.ts'
import {
  applyTransforms,
  centerCrop,
  horizontalFlip,
  type ImageTransform,
  imageNetStatistics,
  normalize,
  randomAffine,
  randomBackground,
  randomErasing,
  randomGrayscale,
  randomResizedCrop,
  resize,
  rotation,
} from './index.ts'
import { pictureOf, settle, warp } from './picture.ts'

const white: Color = [1, 1, 1]

/** A picture of `side` × `side`, transparent but for opaque dots. */
function dots(side: number, ...places: [x: number, y: number, color: Color][]): Pixels {
  const data = new Uint8Array(side * side * 4)
  for (const [x, y, color] of places) data.set([...color.map((c) => 255 * c), 255], (y * side + x) * 4)
  return { width: side, height: side, data }
}

const opaque = (side: number) =>
  fc.uint8Array({ minLength: side * side * 4, maxLength: side * side * 4 }).map((data): Pixels => {
    for (let i = 3; i < data.length; i += 4) data[i] = 255
    return { width: side, height: side, data }
  })

interface Run {
  transforms?: ImageTransform[]
  caption?: string
  background?: Color
  seed?: number
}

const run = (pixels: Pixels, { transforms = [], caption = '', background = white, seed = 1 }: Run) =>
  applyTransforms(pixels, { transforms, background, caption, random: random(11, seed) })

/** Centre of all that is darker than white, from the middle of the picture; y up. */
function centerOfMass(planes: Float32Array, side: number): [x: number, y: number] {
  let [mass, x, y] = [0, 0, 0]
  for (let i = 0; i < side * side; i++) {
    const dark = 1 - planes[i]!
    mass += dark
    x += dark * ((i % side) + 0.5)
    y += dark * (Math.floor(i / side) + 0.5)
  }
  return [x / mass - side / 2, side / 2 - y / mass]
}

describe('pictures', () => {
  it('without transforms give their bytes', () => {
    fc.assert(
      fc.property(opaque(3), (pixels) => {
        const { colors } = run(pixels, {})
        for (let i = 0; i < 27; i++) {
          expect(colors[i]).toBe(Math.fround(pixels.data[(i % 9) * 4 + Math.floor(i / 9)]! / 255))
        }
      }),
      { seed: 7 },
    )
  })

  it('lie on the background', () => {
    const half: Pixels = { width: 1, height: 1, data: Uint8Array.of(51, 0, 102, 102) }
    const { colors } = run(half, { background: [1, 0.5, 0] })
    expect([...colors].map((c) => Math.round(c * 1000) / 1000)).toEqual([0.8, 0.3, 0.4])
  })

  it('shrink to the mean', () => {
    fc.assert(
      fc.property(opaque(4), (pixels) => {
        const { colors } = run(pixels, { transforms: [resize(1)] })
        // With 4 × 4 taps every pixel is met once.
        const reds = Array.from({ length: 16 }, (_, i) => pixels.data[i * 4]! / 255)
        expect(colors[0]).toBeCloseTo(reds.reduce((a, b) => a + b) / 16, 5)
      }),
      { seed: 7 },
    )
  })

  it('keep their edges when enlarged', () => {
    const black = {
      width: 2,
      height: 2,
      data: Uint8Array.from({ length: 16 }, (_, i) => (i % 4 === 3 ? 255 : 0)),
    }
    expect(Math.max(...run(black, { transforms: [resize(7)] }).colors)).toBe(0)
  })
})

describe('geometry', () => {
  it('flips, and twice flipped is as before', () => {
    const always = horizontalFlip({ probability: 1 })
    fc.assert(
      fc.property(opaque(5), (pixels) => {
        expect(run(pixels, { transforms: [always, always] })).toEqual(run(pixels, {}))
      }),
      { seed: 7 },
    )
    const { colors } = run(dots(3, [0, 1, [0, 0, 0]]), { transforms: [always] })
    expect([...colors.subarray(0, 9)]).toEqual([1, 1, 1, 1, 1, 0, 1, 1, 1])
  })

  it('flips half of the time', () => {
    const pixels = dots(2, [0, 0, [0, 0, 0]])
    const flipped = Array.from({ length: 400 }, (_, seed) =>
      run(pixels, { transforms: [horizontalFlip()], seed }),
    )
    expect(flipped.filter(({ colors }) => colors[1] === 0).length).toBeGreaterThan(160)
    expect(flipped.filter(({ colors }) => colors[0] === 0).length).toBeGreaterThan(160)
  })

  it('turns counter-clockwise by a positive angle', () => {
    const pixels = dots(21, [18, 10, [0, 0, 0]]) // 8 to the right of the middle
    for (let seed = 0; seed < 20; seed++) {
      const angle = (random(11, seed).uniform(-40, 40) * Math.PI) / 180
      const { colors } = run(pixels, { transforms: [rotation(40)], seed })
      const [x, y] = centerOfMass(colors, 21)
      expect(x).toBeCloseTo(8 * Math.cos(angle), 0)
      expect(y).toBeCloseTo(8 * Math.sin(angle), 0)
    }
  })

  it('turns by a quarter exactly', () => {
    const pixels = dots(3, [2, 1, [0, 0, 0]])
    const quarter = aboutCenter(3, 3, [0, -1, 1, 0])
    const turned = settle(warp(pictureOf(pixels, white), quarter, 3, 3)).colors
    expect([...turned.subarray(0, 9)]).toEqual([1, 0, 1, 1, 1, 1, 1, 1, 1])
  })

  it('fills with the background what rotation uncovers', () => {
    const black = {
      width: 9,
      height: 9,
      data: Uint8Array.from({ length: 324 }, (_, i) => (i % 4 === 3 ? 255 : 0)),
    }
    const runs = Array.from({ length: 20 }, (_, seed) =>
      run(black, { transforms: [rotation(45)], background: [0, 1, 0], seed }),
    )
    for (const { colors } of runs) {
      expect(new Set(colors.subarray(81, 162)).size).toBeLessThanOrEqual(2) // green or black
      expect([colors[0], colors[81 + 40], colors[162]]).toEqual([0, 0, 0])
    }
    expect(runs.filter(({ colors }) => colors[81] === 1).length).toBeGreaterThan(10)
  })

  it('enlarges about the centre and moves by parts of the sides', () => {
    const pixels = dots(21, [14, 10, [0, 0, 0]]) // 4 to the right of the middle
    const larger = run(pixels, { transforms: [randomAffine({ scale: [2, 2] })] })
    expect(centerOfMass(larger.colors, 21)[0]).toBeCloseTo(8, 1)
    const moved = Array.from({ length: 50 }, (_, seed) => {
      const { colors } = run(pixels, { transforms: [randomAffine({ translate: 0.2 })], seed })
      return centerOfMass(colors, 21)[0] - 4
    })
    expect(Math.max(...moved)).toBeLessThanOrEqual(4.3)
    expect(Math.max(...moved)).toBeGreaterThan(3)
    expect(Math.min(...moved)).toBeLessThan(-3)
  })

  it('slants: what stands above the middle moves to one side only', () => {
    const pixels = dots(21, [10, 4, [0, 0, 0]])
    const [x, y] = centerOfMass(
      run(pixels, { transforms: [randomAffine({ shear: 30 })], seed: 5 }).colors,
      21,
    )
    expect(y).toBeCloseTo(6, 0)
    expect(Math.abs(x)).toBeGreaterThan(0.5)
  })

  it('composes moves into one resampling', () => {
    const checkers = { width: 8, height: 8, data: new Uint8Array(256).fill(255) }
    for (let i = 0; i < 64; i++) checkers.data.fill((i + (i >> 3)) % 2 === 0 ? 0 : 255, i * 4, i * 4 + 3)
    // A shift by half a pixel makes it grey; back again it is whole only if it was never carried out.
    const shifted = warp(pictureOf(checkers, white), [1, 0, 0.5, 0, 1, 0], 8, 8)
    const back = settle(warp(shifted, [1, 0, -0.5, 0, 1, 0], 8, 8))
    expect(back.colors).toEqual(settle(pictureOf(checkers, white)).colors)
  })

  it('moves what was painted, rounded to bytes', () => {
    const flip = horizontalFlip({ probability: 1 })
    const paint = randomErasing({ probability: 1 })
    fc.assert(
      fc.property(opaque(6), fc.nat(50), (pixels, seed) => {
        const straight = run(pixels, { transforms: [paint], seed }).colors
        const moved = run(pixels, { transforms: [paint, flip], seed }).colors
        for (let i = 0; i < moved.length; i++) {
          const mirrored = i - (i % 6) + 5 - (i % 6)
          expect(Math.abs(moved[i]! - straight[mirrored]!)).toBeLessThan(0.5001 / 255)
        }
      }),
      { seed: 7 },
    )
  })

  it('crops within scale and ratio', () => {
    // Red rises with x and green with y, so corners tell what was cut out.
    const side = 64
    const data = new Uint8Array(side * side * 4).fill(255)
    for (let i = 0; i < side * side; i++) data.set([(i % side) * 4, Math.floor(i / side) * 4], i * 4)
    const areas = Array.from({ length: 200 }, (_, seed) => {
      const transforms = [randomResizedCrop(16, { scale: [0.5, 0.9], ratio: [0.8, 1.25] })]
      const { colors } = run({ width: side, height: side, data }, { transforms, seed })
      const width = ((colors[15]! - colors[0]!) * 255) / 4 / side / (15 / 16)
      const height = ((colors[256 + 240]! - colors[256]!) * 255) / 4 / side / (15 / 16)
      expect(width / height).toBeGreaterThan(0.78)
      expect(width / height).toBeLessThan(1.28)
      return width * height
    })
    expect(Math.min(...areas)).toBeGreaterThan(0.48)
    expect(Math.min(...areas)).toBeLessThan(0.55)
    expect(Math.max(...areas)).toBeGreaterThan(0.85)
    expect(Math.max(...areas)).toBeLessThan(0.92)
  })

  it('falls back on the middle when no crop fits', () => {
    const { colors } = run(dots(4, [1, 0, [0, 0, 0]]), {
      transforms: [randomResizedCrop(2, { scale: [1, 1], ratio: [0.5, 0.5] })],
    })
    // The middle 2 × 4 columns, two rows each.
    expect([...colors.subarray(0, 4)]).toEqual([0.5, 1, 1, 1])
  })

  it('cuts out the middle, and pads with background', () => {
    const pixels = dots(4, [1, 1, [0, 0, 0]])
    expect([...run(pixels, { transforms: [centerCrop(2)] }).colors.subarray(0, 4)]).toEqual([0, 1, 1, 1])
    const padded = run(dots(1, [0, 0, [0, 0, 0]]), { transforms: [centerCrop(3)] }).colors
    expect([...padded.subarray(0, 9)]).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1])
  })
})

describe('backgrounds, rectangles, statistics', () => {
  it('randomBackground varies what is behind, never what is drawn', () => {
    const pixels = dots(2, [0, 0, [1, 0, 0]])
    const transforms = [randomBackground({ probability: 1 })]
    const [a, b] = [1, 2].map((seed) => run(pixels, { transforms, seed }).colors)
    expect([a?.[0], a?.[4], a?.[8]]).toEqual([1, 0, 0])
    expect(a?.[1]).toBe(a?.[3])
    expect(a?.[1]).not.toBe(b?.[1])
    expect(run(pixels, { transforms: [randomBackground({ probability: 0 })] })).toEqual(run(pixels, {}))
  })

  it('randomErasing paints one rectangle with one colour', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { colors } = run(dots(16), { transforms: [randomErasing({ probability: 1 })], seed })
      const painted = [...colors.subarray(0, 256).entries()].filter(([, red]) => red !== 1)
      const columns = painted.map(([i]) => i % 16)
      const rows = painted.map(([i]) => Math.floor(i / 16))
      const width = Math.max(...columns) - Math.min(...columns) + 1
      const height = Math.max(...rows) - Math.min(...rows) + 1
      expect(painted.length).toBe(width * height)
      expect(painted.length).toBeLessThan(256 * 0.45)
      expect(new Set(painted.map(([, red]) => red)).size).toBe(1)
    }
  })

  it('randomGrayscale makes the three colours one', () => {
    const { colors } = run(dots(1, [0, 0, [1, 0.2, 0]]), {
      transforms: [randomGrayscale({ probability: 1 })],
    })
    expect(colors[0]).toBeCloseTo(0.299 + 0.587 * 0.2, 5)
    expect(colors[1]).toBeCloseTo(colors[0]!, 6)
  })

  it('normalize subtracts the mean and divides by the deviation', () => {
    const { colors } = run(dots(1), { transforms: [normalize(imageNetStatistics)] })
    expect(colors[0]).toBeCloseTo((1 - 0.485) / 0.229, 5)
    expect(colors[2]).toBeCloseTo((1 - 0.406) / 0.225, 5)
  })
})
