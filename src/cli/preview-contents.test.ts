import { expect, test } from 'vitest'
import type { SamplePreview, Source } from '../data/index.ts'
import { previewContents } from './preview-contents.ts'

const source: Pick<Source, 'name' | 'labels' | 'classNames'> = {
  name: 'scenes',
  labels: {
    box: { kind: 'box' },
    category: { kind: 'class', classes: 2 },
    grasp: { kind: 'pose' },
    joints: { kind: 'joints', length: 2 },
    navigation: { kind: 'position' },
    mass: { kind: 'number', length: 1 },
  },
  classNames: { category: ['cup', 'toy'] },
}

const png = new Uint8Array()
const labels = {
  box: [0.1, 0.2, 0.3, 0.4],
  category: [1],
  grasp: [0.6268, -0.1, 0.78, 0, 0.5, -1],
  joints: [0.5, -1.25],
  navigation: [1, 0.5, 0],
  mass: [1234.5],
}
const mirrored = { ...labels, box: [0.7, 0.2, 0.9, 0.4], navigation: [1, -0.5, 0] }
const { mass: _, ...lighter } = mirrored

const sample: SamplePreview = {
  id: 'a',
  origin: { file: 'a.tar' },
  captions: ['a toy'],
  original: { png, labels, width: 64, height: 48 },
  steps: [
    { transform: 'horizontalFlip', drawn: {}, png, labels: mirrored },
    { transform: 'colorJitter', drawn: undefined, png, labels: mirrored },
    { transform: 'randomErasing', drawn: { left: 3 }, png, labels: lighter },
  ],
  draws: [],
}

const plain = (line: string): string => line.replaceAll('\u00a0', ' ')

test('numbers have names and units; a step tells those that it changed, and what it lost', () => {
  const { samples } = previewContents(source, { samples: [sample], mixed: [], bad: [] }, '', [])
  const [original, flip, jitter, erasing] = samples[0]!.strips[0]!.pictures
  expect(original!.lines.map(plain)).toEqual([
    '64 × 48',
    'category toy',
    'grasp x 0.627, y -0.100, z 0.780 m, turned 0.000, 0.500, -1.000 rad',
    'joints 0.500, -1.250 rad',
    'navigation x 1.000, y 0.500, z 0.000 m',
    'mass 1,230',
  ])
  expect(original!.marks).toEqual([{ name: 'box', place: labels.box }])
  expect(flip!.lines.map(plain)).toEqual(['navigation x 1.000, y -0.500, z 0.000 m'])
  expect(flip!.marks).toEqual([{ name: 'box', place: mirrored.box }])
  expect(jitter!.lines).toEqual(['left as it was'])
  expect(erasing!.lines).toEqual(['left 3', 'mass is out of the picture'])
})

test('poses and positions are drawn where the camera saw them, if that is in the picture', () => {
  /** One metre above the origin, looking straight down, the robot's x up in the picture; sees 1 m from edge to edge. */
  const camera = {
    position: [0, 0, 1],
    rotation: [0, 1, 0, -1, 0, 0, 0, 0, 1],
    verticalFov: (2 * Math.atan(0.5) * 180) / Math.PI,
  }
  const seen = { ...labels, grasp: [0.1, 0.2, 0, 0, 0, 0], navigation: [0.25, -0.1, 0] }
  const contentsOf = (original: SamplePreview['original']) =>
    previewContents(source, { samples: [{ ...sample, original }], mixed: [], bad: [] }, '', [])
  const marksOf = (original: SamplePreview['original']) =>
    contentsOf(original).samples[0]!.strips[0]!.pictures[0]!.marks
  const original = { png, width: 64, height: 64, labels: seen }
  const [box, grasp, navigation, ...others] = marksOf({ ...original, camera })
  expect(others).toEqual([])
  expect(box).toEqual({ name: 'box', place: seen.box })
  expect(grasp!.name).toBe('grasp')
  const tip = grasp!.lines![1]![0]
  expect(tip.map((part) => Math.round(1000 * part))).toEqual([300, 400])
  expect(navigation!.name).toBe('navigation')
  expect(navigation!.place.map((part) => Math.round(1000 * part))).toEqual([600, 250])
  for (const unseen of [
    [0.75, 0, 0],
    [0, 0, 2],
  ]) {
    const names = marksOf({ ...original, camera, labels: { ...seen, navigation: unseen } })
    expect(names.map(({ name }) => name)).toEqual(['box', 'grasp'])
  }
  expect(marksOf(original).map(({ name }) => name)).toEqual(['box'])
})
