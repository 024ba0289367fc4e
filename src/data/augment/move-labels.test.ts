import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { random } from '../../core/index.ts'
import { type Color, decodeImage, type Fit, type Pixels } from '../images/index.ts'
import type { LabelKinds, Labels } from '../label-rows.ts'
import {
  applyTransforms,
  centerCrop,
  colorJitter,
  horizontalFlip,
  type ImageTransform,
  leastVisiblePart,
  multiCrop,
  randomAffine,
  randomErasing,
  randomResizedCrop,
  requireLabelsFollow,
  resize,
  rotation,
} from './index.ts'

const side = 64

type Box = readonly [left: number, top: number, right: number, bottom: number]

/** A grey picture with a box of one shade in it, its edges smooth. Fractions of the sides. */
function drawn([left, top, right, bottom]: Box, shade: number, [width, height] = [side, side]): Pixels {
  const data = new Uint8Array(width * height * 4).fill(128)
  const covered = (from: number, to: number, at: number) =>
    Math.max(0, Math.min(to, at + 1) - Math.max(from, at))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const part = covered(left * width, right * width, x) * covered(top * height, bottom * height, y)
      const value = Math.round(128 + part * (shade - 128))
      data.set([value, value, value, 255], (y * width + x) * 4)
    }
  }
  return { width, height, data }
}

interface Run {
  readonly transforms: readonly ImageTransform[]
  readonly seed: number
  readonly caption?: string
}

const run = (pixels: Pixels, labels: Labels, kinds: LabelKinds, { transforms, seed, caption = '' }: Run) =>
  applyTransforms(pixels, {
    transforms,
    background: [0.5, 0.5, 0.5] satisfies Color,
    caption,
    random: random(seed, 'labels'),
    labels,
    labelKinds: kinds,
  })

/**
 * How much of each pixel shows the box: the picture is drawn with a black and with a white box, and what differs
 * is the box, whatever else was painted.
 */
function coverage(make: (shade: number) => Pixels, options: Run): Float32Array {
  const [dark, light] = [0, 255].map((shade) => run(make(shade), {}, {}, options).colors)
  return Float32Array.from({ length: dark!.length / 3 }, (_, i) => light![i]! - dark![i]!)
}

/** The bounds of what is covered by more than half, in pixels. */
function boundsOf(covered: Float32Array): Box | undefined {
  const size = Math.sqrt(covered.length)
  const places = [...covered.keys()].filter((i) => covered[i]! > 0.5)
  if (places.length === 0) return undefined
  const [xs, ys] = [places.map((i) => i % size), places.map((i) => Math.floor(i / size))]
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1]
}

/**
 * Lists at whose ends the moves are carried out, and the picture is cut at its edges: what stands before each
 * `colorJitter`, and the whole. With one seed they draw the same.
 */
const carriedOut = (transforms: readonly ImageTransform[]): ImageTransform[][] => [
  ...transforms.flatMap(({ kind }, i) => (kind === 'colorJitter' ? [transforms.slice(0, i)] : [])),
  [...transforms],
]

/** Whether all of a small box is in the image, at the end and whenever moves were carried out. */
const staysWhole = (box: Box, { transforms, ...options }: Run): boolean =>
  carriedOut(transforms).every((list) => {
    const covered = coverage((shade) => drawn(box, shade), { ...options, transforms: list })
    const size = Math.sqrt(covered.length)
    const places = [...covered.keys()].filter((i) => covered[i]! > 0)
    const inside = (along: number) => along > 0 && along < size - 1
    return places.length > 0 && places.every((i) => inside(i % size) && inside(Math.floor(i / size)))
  })

const boxKind = { box: { kind: 'box' } } as const
const pointKind = { point: { kind: 'point' } } as const

const boxes = fc
  .tuple(fc.double({ min: 0, max: 0.7 }), fc.double({ min: 0, max: 0.7 }))
  .chain(([left, top]) =>
    fc
      .tuple(fc.double({ min: 0.15, max: 0.4 }), fc.double({ min: 0.15, max: 0.4 }))
      .map(([w, h]): Box => [left, top, Math.min(1, left + w), Math.min(1, top + h)]),
  )
  .filter((box) => box.every(Number.isFinite))

const flip = horizontalFlip({ probability: 1 })

/** Everything that moves pixels, and what carries moves out in between. */
const moves: readonly ImageTransform[] = [
  randomResizedCrop(64),
  randomResizedCrop(80, { scale: [0.3, 0.8] }),
  multiCrop(60, { localSize: 8, locals: 1 }),
  resize(72),
  centerCrop(56),
  centerCrop(70),
  flip,
  rotation(10),
  rotation(180),
  randomAffine({ translate: 0.4 }),
  randomAffine({ degrees: 20, translate: 0.1, scale: [0.7, 1.3], shear: 20 }),
  colorJitter({ brightness: 0, contrast: 0, saturation: 0, hue: 0 }),
]

const lists = fc
  .array(fc.constantFrom(...moves), { minLength: 1, maxLength: 4 })
  .filter((list) => list.filter(({ kind }) => kind === 'multiCrop').length < 2)

describe('a box', () => {
  it('stays around what it was drawn around', () => {
    let present = 0
    const property = fc.property(boxes, lists, fc.nat(), (box, transforms, seed) => {
      const { labels, colors } = run(drawn(box, 0), { box }, boxKind, { transforms, seed })
      const found = boundsOf(coverage((shade) => drawn(box, shade), { transforms, seed }))
      if (labels.box === undefined) return
      present += 1
      const size = Math.sqrt(colors.length / 3)
      for (const [i, edge] of labels.box.entries()) {
        expect(edge).toBeGreaterThanOrEqual(-1e-6)
        expect(edge).toBeLessThanOrEqual(1 + 1e-6)
        // The last pixels of a slanted corner are less than half covered, and each resampling blurs a little.
        expect(Math.abs(edge * size - found![i]!)).toBeLessThan(3)
      }
    })
    fc.assert(property, { numRuns: 300, seed: 7 })
    expect(present).toBeGreaterThan(100)
  })

  it('is absent when less than a quarter of it is left', () => {
    const keepSize = [
      randomAffine({ degrees: 180, translate: 0.5 }),
      randomErasing({ probability: 1, scale: [0.1, 0.5] }),
      flip,
    ]
    const counts = { present: 0, absent: 0 }
    const property = fc.property(
      boxes,
      fc.array(fc.constantFrom(...keepSize), { minLength: 1, maxLength: 2 }),
      fc.nat(),
      (box, transforms, seed) => {
        const { labels } = run(drawn(box, 0), { box }, boxKind, { transforms, seed })
        const seen = coverage((shade) => drawn(box, shade), { transforms, seed })
        const area = (box[2] - box[0]) * (box[3] - box[1]) * side ** 2
        const part = seen.reduce((sum, value) => sum + value, 0) / area
        counts[labels.box === undefined ? 'absent' : 'present'] += 1
        if (Math.abs(part - leastVisiblePart) < 0.1) return // too near to be told by counting pixels
        expect(labels.box === undefined).toBe(part < leastVisiblePart)
      },
    )
    fc.assert(property, { numRuns: 300, seed: 7 })
    expect(Math.min(counts.present, counts.absent)).toBeGreaterThan(30)
  })

  it('turned there and back is the same box', () => {
    const turns: ImageTransform[] = [rotation(180), rotation(180), flip, flip]
    for (let seed = 0; seed < 20; seed++) {
      // Both turns draw an angle; a third one undoes them.
      const angles = random(seed, 'labels')
      const box: Box = [0.4, 0.45, 0.6, 0.55]
      const { labels } = run(drawn(box, 0), { box }, boxKind, { transforms: turns, seed })
      const [first, second] = [angles.uniform(-180, 180), drawAfter(angles)]
      const turn = ((first + second) * Math.PI) / 180
      const [c, s] = [Math.abs(Math.cos(turn)), Math.abs(Math.sin(turn))]
      const [halfWidth, halfHeight] = [0.1 * c + 0.05 * s, 0.1 * s + 0.05 * c]
      const expected = [0.5 - halfWidth, 0.5 - halfHeight, 0.5 + halfWidth, 0.5 + halfHeight]
      for (const [i, edge] of labels.box!.entries()) expect(edge).toBeCloseTo(expected[i]!, 6)
    }
  })
})

/** The second angle of two rotations in a row: each also draws what a rotation leaves at rest. */
function drawAfter(stream: ReturnType<typeof random>): number {
  for (let i = 0; i < 4; i++) stream.uniform() // slant, size, two shifts
  return stream.uniform(-180, 180)
}

describe('a point', () => {
  it('stays in the middle of the dot that was drawn around it, and is absent outside', () => {
    const place = fc.double({ min: 0.1, max: 0.9, noNaN: true })
    let present = 0
    const property = fc.property(place, place, lists, fc.nat(), (x, y, transforms, seed) => {
      const dot: Box = [x - 0.06, y - 0.06, x + 0.06, y + 0.06]
      const { labels, colors } = run(drawn(dot, 0), { point: [x, y] }, pointKind, { transforms, seed })
      const size = Math.sqrt(colors.length / 3)
      const seen = coverage((shade) => drawn(dot, shade), { transforms, seed })
      const mass = seen.reduce((sum, value) => sum + value, 0)
      const whole = staysWhole(dot, { transforms, seed })
      if (labels.point === undefined) expect(whole).toBe(false)
      if (labels.point === undefined || !whole) return
      const [u, v] = labels.point.map((part) => part * size)
      present += 1
      const mean = (along: (i: number) => number) =>
        seen.reduce((sum, value, i) => sum + value * (along(i) + 0.5), 0) / mass
      expect(Math.abs(mean((i) => i % size) - u!)).toBeLessThan(1)
      expect(Math.abs(mean((i) => Math.floor(i / size)) - v!)).toBeLessThan(1)
    })
    fc.assert(property, { numRuns: 300, seed: 7 })
    expect(present).toBeGreaterThan(40)
  })

  it('under what was painted over is absent, also when the picture moves on', () => {
    const erase = randomErasing({ probability: 1, scale: [0.3, 0.5] })
    const place = fc.double({ min: 0.05, max: 0.95, noNaN: true })
    const counts = { present: 0, absent: 0 }
    const property = fc.property(place, place, fc.boolean(), fc.nat(), (x, y, moveOn, seed) => {
      const transforms = moveOn ? [erase, flip] : [erase]
      const dot: Box = [x - 0.02, y - 0.02, x + 0.02, y + 0.02]
      const { labels } = run(drawn(dot, 0), { point: [x, y] }, pointKind, { transforms, seed })
      const seen = coverage((shade) => drawn(dot, shade), { transforms, seed })
      const part = seen.reduce((sum, value) => sum + value, 0) / (0.04 * side) ** 2
      counts[labels.point === undefined ? 'absent' : 'present'] += 1
      if (part > 0.05 && part < 0.95) return // at the edge of what was painted
      expect(labels.point === undefined).toBe(part < 0.5)
    })
    fc.assert(property, { numRuns: 200, seed: 7 })
    expect(Math.min(counts.present, counts.absent)).toBeGreaterThan(20)
  })
})

describe('decoding', () => {
  it.each<[Fit, number, number]>([
    ['cover', 96, 60],
    ['cover', 40, 90],
    ['contain', 96, 60],
    ['contain', 30, 45],
    ['fill', 96, 60],
  ])('%s of %i × %i pixels moves the labels with the picture', async (fit, width, height) => {
    const box: Box = [0.3, 0.4, 0.65, 0.7]
    const decoded = async (shade: number): Promise<Pixels> => {
      const { data } = drawn(box, shade, [width, height])
      const bytes = await sharp(data, { raw: { width, height, channels: 4 } })
        .png()
        .toBuffer()
      return decodeImage({ id: 'a', image: { bytes }, origin: { file: 'a' } }, { resolution: 64, fit })
    }
    const [dark, light] = [await decoded(0), await decoded(255)]
    const options = { transforms: [], seed: 1 }
    const point = [0.475, 0.55]
    const { labels } = run(dark, { box, point }, { ...boxKind, ...pointKind }, options)
    const found = boundsOf(coverage((shade) => (shade === 0 ? dark : light), options))
    for (const [i, edge] of labels.box!.entries()) expect(Math.abs(edge * 64 - found![i]!)).toBeLessThan(1)
    expect(labels.point![0]).toBeCloseTo((labels.box![0]! + labels.box![2]!) / 2, 1)
    expect(labels.point![1]).toBeCloseTo((labels.box![1]! + labels.box![3]!) / 2, 1)
  })

  it('cuts off what lies beside the middle', async () => {
    const png = await sharp({ create: { width: 90, height: 30, channels: 3, background: '#fff' } })
      .png()
      .toBuffer()
    const sample = { id: 'a', image: { bytes: png }, origin: { file: 'a' } }
    const pixels = await decodeImage(sample, { resolution: 20, fit: 'cover' })
    const kinds = { ...boxKind, ...pointKind }
    const options = { transforms: [], seed: 1 }
    expect(run(pixels, { box: [0, 0, 0.3, 1], point: [0.2, 0.5] }, kinds, options).labels).toEqual({})
    const { labels } = run(pixels, { box: [0.2, 0.5, 0.5, 1], point: [0.5, 0.5] }, kinds, options)
    expect(labels.box).toEqual([0, 0.5, 0.5, 1])
    expect(labels.point).toEqual([0.5, 0.5])
  })
})

/** The matrix of a rotation vector (Rodrigues). */
function matrixOf([x = 0, y = 0, z = 0]: readonly number[]): number[][] {
  const angle = Math.hypot(x, y, z)
  const [a, b] = angle < 1e-9 ? [1, 0.5] : [Math.sin(angle) / angle, (1 - Math.cos(angle)) / angle ** 2]
  const k = [
    [0, -z, y],
    [z, 0, -x],
    [-y, x, 0],
  ]
  return k.map((row, i) =>
    row.map((value, j) => {
      const squared = row.reduce((sum, left, m) => sum + left * k[m]![j]!, 0)
      return (i === j ? 1 : 0) + a * value + b * squared
    }),
  )
}

describe('positions and poses', () => {
  const kinds = { target: { kind: 'position' }, grasp: { kind: 'pose' } } as const
  /** Where a camera at the origin that looks along x sees a place; left is y. */
  const seen = ([x = 1, y = 0, z = 0]: readonly number[]) =>
    [0.5 - (0.8 * y) / x, 0.5 - (0.8 * z) / x] as const
  const coordinate = fc.double({ min: -0.4, max: 0.4, noNaN: true })
  const places = fc.tuple(fc.constant(1), coordinate, coordinate)

  it('are mirrored with the picture and with the words', () => {
    const property = fc.property(places, fc.integer({ min: 0, max: 3 }), fc.nat(), (target, flips, seed) => {
      const [x, y] = seen(target)
      const dot: Box = [x - 0.05, y - 0.05, x + 0.05, y + 0.05]
      const word = target[1] > 0 ? 'left' : 'right'
      const options = {
        transforms: Array.from({ length: flips }, () => flip),
        seed,
        caption: `on the ${word}`,
      }
      const { labels, caption } = run(drawn(dot, 0), { target }, kinds, options)
      const found = boundsOf(coverage((shade) => drawn(dot, shade), options))!
      const [u, v] = seen(labels.target!)
      expect(Math.abs((found[0] + found[2]) / 2 - u * side)).toBeLessThan(1.1)
      expect(Math.abs((found[1] + found[3]) / 2 - v * side)).toBeLessThan(1.1)
      if (Math.abs(target[1]) > 0.01)
        expect(caption).toBe(`on the ${labels.target![1]! > 0 ? 'left' : 'right'}`)
    })
    fc.assert(property, { numRuns: 100, seed: 7 })
  })

  it('turn as the mirrored hand does', () => {
    const turn = fc.double({ min: -2, max: 2, noNaN: true })
    const property = fc.property(places, fc.tuple(turn, turn, turn), (place, turns) => {
      const grasp = [...place, ...turns]
      const { labels } = run(drawn([0, 0, 1, 1], 0), { grasp }, kinds, { transforms: [flip], seed: 1 })
      const after = labels.grasp!
      expect(after.slice(0, 3)).toEqual([place[0], 0 - place[1], place[2]])
      // What the hand does to the mirrored direction is the mirror image of what it did: R' M = M R.
      const mirror = [1, -1, 1]
      const [before, now] = [matrixOf(turns), matrixOf(after.slice(3))]
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          expect(now[i]![j]! * mirror[j]!).toBeCloseTo(mirror[i]! * before[i]![j]!, 9)
        }
      }
    })
    fc.assert(property, { numRuns: 100, seed: 7 })
  })

  it('do not mind a flip that did not happen, a resize, a middle, or colours', () => {
    const labels = { target: [1, 2, 3], grasp: [1, 2, 3, 0.1, 0.2, 0.3], angles: [1, 2], kind: [3] }
    const all: LabelKinds = {
      ...kinds,
      angles: { kind: 'joints', length: 2 },
      kind: { kind: 'class', classes: 4 },
    }
    const transforms = [horizontalFlip({ probability: 0 }), resize(20), centerCrop(16), colorJitter()]
    requireLabelsFollow(transforms, all)
    expect(run(drawn([0, 0, 1, 1], 0), labels, all, { transforms, seed: 1 }).labels).toEqual(labels)
  })
})

describe('transforms that a label cannot follow', () => {
  const joints = { arm: { kind: 'joints', length: 7 } } as const
  const grasp = { grasp: { kind: 'pose' } } as const
  const target = { target: { kind: 'position' } } as const

  it.each<[ImageTransform, LabelKinds, string]>([
    [horizontalFlip(), joints, 'arm'],
    [rotation(), joints, 'arm'],
    [rotation(), grasp, 'grasp'],
    [randomResizedCrop(8), target, 'target'],
    [randomAffine({ scale: [0.9, 1.1] }), grasp, 'grasp'],
  ])('%j with %j', (transform, kinds, label) => {
    const attempt = () => requireLabelsFollow([colorJitter(), transform], { free: { kind: 'box' }, ...kinds })
    expect(attempt).toThrow(expect.objectContaining({ code: 'augment/label' }))
    expect(attempt).toThrow(transform.kind)
    expect(attempt).toThrow(`"${label}"`)
  })

  it.each<[ImageTransform, LabelKinds]>([
    [horizontalFlip(), { ...grasp, ...target, ...boxKind }],
    [horizontalFlip({ probability: 0 }), joints],
    [rotation(0), { ...joints, ...grasp }],
    [randomResizedCrop(8), { ...boxKind, ...pointKind, size: { kind: 'number', length: 1 } }],
    [randomErasing(), { ...joints, ...boxKind }],
  ])('but not %j with %j', (transform, kinds) => {
    requireLabelsFollow([transform], kinds)
  })
})
