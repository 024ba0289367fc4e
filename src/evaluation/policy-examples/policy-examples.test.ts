import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Batch, float32 } from '../../core/index.ts'
import type { Sample, Source } from '../../data/index.ts'
import type { HeadConfig, Tolerances } from '../../models/index.ts'
import { PolicyExamples } from './policy-examples.ts'
import { policyPictures } from './policy-pictures.ts'
import { attentionWithin, classWords } from './policy-words.ts'

const count = 40
const side = 4
const tolerances: Tolerances = {
  overlap: 0.5,
  graspPosition: 0.02,
  graspRotation: 0.26,
  position: 0.1,
  joint: 0.1,
  number: 0.1,
}
const heads: Readonly<Record<string, HeadConfig>> = {
  detection: { kind: 'detection', box: 'box', classes: 6, hidden: [] },
  navigation: { kind: 'position', label: 'goal', hidden: [] },
}
const truth = [0.25, 0.25, 0.75, 0.75]

/** Samples whose box is found the less well the larger their number; every third has a goal, missed by its number in cm. */
const batches: Batch[] = [0, 1].map((part) => {
  const rows = Array.from({ length: count / 2 }, (_, i) => i + (part * count) / 2)
  return {
    ids: rows.map((row) => `s${row}`),
    arrays: {
      box: float32(
        [rows.length, 4],
        rows.flatMap(() => truth),
      ),
      boxPresent: float32(
        [rows.length],
        rows.map(() => 1),
      ),
      goal: float32(
        [rows.length, 3],
        rows.flatMap(() => [1, 0, 0]),
      ),
      goalPresent: float32(
        [rows.length],
        rows.map((row) => (row % 3 === 0 ? 1 : 0)),
      ),
    },
  }
})

const shiftOf = (row: number): number => row / 100

const valuesOf = ({ ids }: Batch) => {
  const rows = ids.map((id) => Number(id.slice(1)))
  const moved = (row: number) => truth.map((edge, i) => edge + (i % 2 === 0 ? shiftOf(row) : 0))
  return {
    heads: {
      detection: { box: Float32Array.from(rows.flatMap(moved)) },
      navigation: { values: Float32Array.from(rows.flatMap((row) => [1, shiftOf(row), 0])) },
    },
    attention: Float32Array.from(rows.flatMap(() => Array.from({ length: side ** 2 }, () => 1 / side ** 2))),
  }
}

function collected(): PolicyExamples {
  const examples = new PolicyExamples(heads, tolerances)
  for (const batch of batches) examples.add(batch, valuesOf(batch))
  return examples
}

describe('PolicyExamples', () => {
  it('keeps the worst of each head, the worst first, and only of samples with its label', () => {
    const examples = collected()
    expect(examples.worst('detection').map(({ id }) => id)).toEqual(['s39', 's38', 's37'])
    expect(examples.worst('navigation').map(({ id }) => id)).toEqual(['s39', 's36', 's33'])
    const [worst] = examples.worst('detection')
    expect(worst?.verdicts.map(({ head, success }) => [head, success])).toEqual([
      ['detection', false],
      ['navigation', false],
    ])
    expect(worst?.verdicts[1]?.metrics.meanErrorMetres).toBeCloseTo(0.39, 6)
  })

  it('draws others at random, whether right or wrong, the same for the same data', () => {
    const [first, again] = [collected(), collected()].map(({ drawn }) => drawn.map(({ id }) => id))
    expect(first).toEqual(again)
    expect(new Set(first).size).toBe(6)
    expect(first).not.toEqual(['s0', 's1', 's2', 's3', 's4', 's5'])
  })
})

describe('policyPictures', () => {
  let source: Source

  beforeAll(async () => {
    const bytes = await sharp({ create: { width: 40, height: 20, channels: 3, background: '#c00' } })
      .png()
      .toBuffer()
    // It looks along x from the origin: its right is −y, its up z.
    const camera = { position: [0, 0, 0], rotation: [0, 0, -1, -1, 0, 0, 0, 1, 0], verticalFov: 90 }
    const samples = Array.from(
      { length: count },
      (_, i): Sample => ({
        id: `s${i}`,
        image: { bytes },
        captions: [`take thing ${i}`],
        origin: { file: 'list.jsonl', line: i + 1 },
        camera,
      }),
    )
    source = {
      name: 'memory',
      size: count,
      async *samples({ skip = 0 } = {}) {
        yield* samples.slice(skip)
      },
    }
  })

  const square = { resolution: 16, fit: 'cover', background: [1, 1, 1] } as const

  it('draws found and true boxes over what the model sees, and says the command and the errors', async () => {
    const strips = await policyPictures(collected(), Object.keys(heads), source, square)
    expect(strips.map(({ title, pictures }) => [title, pictures.length])).toEqual([
      ['Drawn at random', 6],
      ['Worst of detection', 3],
      ['Worst of navigation', 3],
    ])
    const [worst] = strips[1]!.pictures
    expect(worst?.title).toBe('“take thing 39”')
    expect(worst?.lines).toEqual([
      '✗ Detection: overlap 12.4 %',
      '✗ Navigation: error 39.0 cm',
      '25 % of the attention in the true box',
    ])
    expect(worst?.marks.slice(0, 2).map(({ name }) => name)).toEqual(['found box', 'true box'])
    expect(worst?.marks[1]?.place).toEqual(truth)
    expect(worst?.marks[0]?.place[0]).toBeCloseTo(0.64, 6)
    expect(worst?.attention).toHaveLength(side ** 2)
    const { width, height } = await sharp(worst!.picture).metadata()
    expect([width, height]).toEqual([16, 16])
  })

  it('draws places that the camera sees, where the cut of the image puts them', async () => {
    const strips = await policyPictures(collected(), Object.keys(heads), source, square)
    const { marks } = strips[2]!.pictures[0]!
    expect(marks.map(({ name }) => name)).toEqual(['found box', 'true box', 'found goal', 'true goal'])
    expect(marks[3]?.place).toEqual([0.5, 0.5])
    // 0.39 m to the left at 1 m, of the 1 m that half of the square shows.
    expect(marks[2]?.place[0]).toBeCloseTo(0.5 - 0.39 / 2, 6)
  })
})

describe('words', () => {
  it('count a patch by the part of it that a box covers', () => {
    const weights = [0.4, 0.3, 0.2, 0.1]
    expect(attentionWithin(weights, [0, 0, 0.5, 1])).toBeCloseTo(0.6, 9)
    expect(attentionWithin(weights, [0.25, 0, 0.75, 0.5])).toBeCloseTo(0.35, 9)
    expect(attentionWithin([], [0, 0, 1, 1])).toBeUndefined()
  })

  it('name classes', () => {
    const answer = { label: 'category', kind: 'class', found: [0.1, 2, 1], right: [0, 0, 1] }
    expect(classWords(answer, ['cup', 'ball', 'box'])).toEqual(['category ball, true: box'])
    expect(classWords({ ...answer, right: [0, 1, 0] })).toEqual(['category 1'])
    expect(classWords({ ...answer, kind: 'box' })).toEqual([])
  })
})
