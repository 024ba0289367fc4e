import { describe, expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import type { Pixels } from '../images/index.ts'
import type { LabelKinds } from '../label-rows.ts'
import {
  applyTransforms,
  type Drawn,
  defocusBlur,
  domainRandomization,
  type ImageTransform,
  imageTransforms,
  lightDirection,
  requireLabelsFollow,
  sensorNoise,
} from './index.ts'
import type { RandomAffine } from './random-affine.ts'

const side = 32

const grey: Pixels = {
  width: side,
  height: side,
  data: new Uint8Array(side * side * 4).fill(100).map((value, i) => (i % 4 === 3 ? 255 : value)),
}

function run(pixels: Pixels, transforms: readonly ImageTransform[], seed = 1) {
  const drawn: (Drawn | undefined)[] = []
  const { colors } = applyTransforms(pixels, {
    transforms,
    background: [1, 1, 1],
    caption: '',
    random: random(seed, 'domain'),
    observe: (_, sample) => drawn.push(sample.drawn),
  })
  return { colors, drawn }
}

describe('lightDirection', () => {
  it('is brightest where the light comes from, and as bright as before on the whole', () => {
    for (let seed = 0; seed < 40; seed++) {
      const { colors, drawn } = run(grey, [lightDirection({ strength: [0.4, 0.4] })], seed)
      let [x, y, total] = [0, 0, 0]
      for (let i = 0; i < side * side; i++) {
        x += (colors[i]! - 100 / 255) * ((i % side) - (side - 1) / 2)
        y -= (colors[i]! - 100 / 255) * (Math.floor(i / side) - (side - 1) / 2)
        total += colors[i]!
      }
      const angle = (Math.atan2(y, x) * 180) / Math.PI
      expect(Math.abs(((angle - Number(drawn[0]?.degrees) + 540) % 360) - 180)).toBeLessThan(0.1)
      expect(total / side ** 2).toBeCloseTo(100 / 255, 4)
      expect(Math.max(...colors)).toBeCloseTo((1.4 * 100) / 255, 4)
      expect(Math.min(...colors)).toBeCloseTo((0.6 * 100) / 255, 4)
    }
  })
})

describe('sensorNoise', () => {
  it('has the deviation that was drawn, about what was there, each value its own', () => {
    const { colors, drawn } = run(grey, [sensorNoise({ deviation: [0.01, 0.05] })])
    const noise = [...colors].map((value) => value - 100 / 255)
    const mean = noise.reduce((a, b) => a + b) / noise.length
    const deviation = Math.sqrt(noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length)
    expect(Math.abs(mean)).toBeLessThan(0.003)
    expect(deviation / Number(drawn[0]?.deviation)).toBeGreaterThan(0.95)
    expect(deviation / Number(drawn[0]?.deviation)).toBeLessThan(1.05)
    const neighbours = noise.reduce((sum, value, i) => sum + value * (noise[i + 1] ?? 0), 0) / noise.length
    expect(Math.abs(neighbours / deviation ** 2)).toBeLessThan(0.08)
    expect(run(grey, [sensorNoise({ deviation: [0, 0] })]).colors).toEqual(run(grey, []).colors)
  })
})

describe('defocusBlur', () => {
  const dot: Pixels = { ...grey, data: grey.data.map((value, i) => (i % 4 === 3 ? value : 0)) }
  dot.data.set([255, 255, 255], (16 * side + 16) * 4)

  it('makes a disc of a dot, of the radius that was drawn, and loses no light', () => {
    for (const radius of [1, 2.5, 4]) {
      const { colors } = run(dot, [defocusBlur({ radius: [radius, radius] })])
      const plane = colors.subarray(0, side * side)
      expect(plane.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
      const distances = [...plane.keys()]
        .filter((i) => plane[i]! > 0)
        .map((i) => Math.hypot((i % side) - 16, Math.floor(i / side) - 16))
      expect(Math.max(...distances)).toBeLessThan(radius + 0.5)
      expect(Math.max(...distances)).toBeGreaterThan(radius - 0.5)
      // A disc is flat: its middle is as bright as what surrounds it.
      if (radius > 1.5) expect(plane[16 * side + 17]).toBeCloseTo(plane[16 * side + 16]!, 6)
    }
  })

  it('does nothing with radius 0, nor to one colour', () => {
    expect(run(dot, [defocusBlur({ radius: [0, 0] })]).colors).toEqual(run(dot, []).colors)
    const { colors } = run(grey, [defocusBlur({ radius: [3, 3] })])
    for (const value of colors) expect(value).toBeCloseTo(100 / 255, 5)
  })
})

describe('domainRandomization', () => {
  it('draws within the ranges of its defaults, up to their ends', () => {
    const seen: Record<string, number[]> = {}
    for (let seed = 0; seed < 300; seed++) {
      const transforms = domainRandomization()
      const { colors, drawn } = run(grey, transforms, seed)
      expect(colors.every((value) => value >= 0 && value <= 1)).toBe(true)
      for (const [i, each] of drawn.entries()) {
        for (const [name, value] of Object.entries(each ?? {})) {
          const key = `${transforms[i]!.kind} ${name}`
          seen[key] = [...(seen[key] ?? []), Number(value)]
        }
      }
    }
    const expected: Record<string, [number, number]> = {
      'randomAffine scale': [1, 1.39],
      'randomAffine degrees': [-1, 1],
      'randomAffine right': [-0.03 * side, 0.03 * side],
      'randomAffine down': [-0.03 * side, 0.03 * side],
      'randomAffine shear': [0, 0],
      'lightDirection degrees': [-180, 180],
      'lightDirection strength': [0, 0.5],
      'colorJitter brightness': [0.5, 1.5],
      'colorJitter contrast': [0.8, 1.2],
      'colorJitter saturation': [0.8, 1.2],
      'colorJitter hue': [-0.1, 0.1],
      'defocusBlur radius': [0, 2],
      'gaussianBlur sigma': [0.01, 1],
      'sensorNoise deviation': [0, 0.05],
    }
    expect(Object.keys(seen).sort()).toEqual(Object.keys(expected).sort())
    for (const [name, [low, high]] of Object.entries(expected)) {
      const room = 0.05 * (high - low)
      expect(Math.min(...seen[name]!)).toBeGreaterThanOrEqual(low)
      expect(Math.min(...seen[name]!)).toBeLessThanOrEqual(low + room)
      expect(Math.max(...seen[name]!)).toBeLessThanOrEqual(high)
      expect(Math.max(...seen[name]!)).toBeGreaterThanOrEqual(high - room)
    }
  })

  it('shows fields of view from 60° down to 45°', () => {
    const { scale } = domainRandomization()[0] as RandomAffine
    const fovOf = (factor: number) => (360 / Math.PI) * Math.atan(Math.tan(Math.PI / 6) / factor)
    expect(fovOf(scale[0])).toBeCloseTo(60, 9)
    expect(fovOf(scale[1])).toBeCloseTo(45, 0)
  })

  it('takes boxes along, is refused with poses, and leaves every label alone where the camera stays', () => {
    const kinds: LabelKinds = {
      box: { kind: 'box' },
      grasp: { kind: 'pose' },
      joints: { kind: 'joints', length: 7 },
    }
    expect(() => requireLabelsFollow(domainRandomization(), { box: kinds.box! })).not.toThrow()
    expect(() => requireLabelsFollow(domainRandomization(), kinds)).toThrow(/randomAffine.*"grasp"/)
    const still = domainRandomization({ camera: false })
    expect(() => requireLabelsFollow(still, kinds)).not.toThrow()
    expect(still).toEqual(domainRandomization().slice(1))
  })

  it('is plain data', () => {
    expect(imageTransforms(JSON.parse(JSON.stringify(domainRandomization())))).toEqual(domainRandomization())
  })
})
