import { describe, expect, it } from 'vitest'
import type { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import { difficultyOf, measureDifficulties } from './difficulty.ts'

const sample = (changes: Partial<Sample>): Sample => ({
  id: 'kitchen/7',
  image: { bytes: new Uint8Array(0) },
  captions: ['pick up the cup'],
  origin: { file: 'list.jsonl', line: 8 },
  ...changes,
})

describe('difficultyOf', () => {
  it.each([
    ['words alone', sample({}), 0.04],
    ['the mean of the captions’ words', sample({ captions: ['cup', 'a red  cup\nhere'] }), 0.025],
    ['at most half for words', sample({ captions: ['word '.repeat(80)] }), 0.5],
    ['objects', sample({ complexity: { objects: 3, task: 0, scene: 0 } }), 0.34],
    ['the task', sample({ complexity: { objects: 0, task: 0.5, scene: 0 } }), 0.19],
    ['the scene', sample({ complexity: { objects: 0, task: 0, scene: 1 } }), 0.24],
    ['all together', sample({ complexity: { objects: 4, task: 1, scene: 0.5 } }), 0.84],
  ])('counts %s', (_, one, expected) => {
    expect(difficultyOf(one)).toBeCloseTo(expected, 12)
  })
})

describe('measureDifficulties', () => {
  async function* placed(...samples: (readonly [number, Sample])[]) {
    for (const [ordinal, one] of samples) yield { ordinal, sample: one }
  }
  const hard = sample({ complexity: { objects: 2, task: 0, scene: 0 } })
  const broken = sample({ complexity: { objects: Number.NaN, task: 0, scene: 0 } })

  it('has a number for every place, NaN where a bad sample stood', async () => {
    expect(await measureDifficulties(placed([0, sample({})], [2, hard]))).toEqual([
      expect.closeTo(0.04),
      Number.NaN,
      expect.closeTo(0.24),
    ])
  })

  it('refuses a complexity that is no number, or leaves the sample out', async () => {
    await expect(measureDifficulties(placed([0, broken]))).rejects.toMatchObject({
      code: 'data/bad-complexity',
      message: expect.stringContaining('list.jsonl:8'),
      facts: { sample: 'kitchen/7' },
    })
    const negative = sample({ complexity: { objects: -2, task: 0, scene: 0 } })
    const told: DataError[] = []
    const difficulties = await measureDifficulties(placed([0, broken], [1, hard], [2, negative]), (error) => {
      told.push(error)
    })
    expect(difficulties).toEqual([Number.NaN, expect.closeTo(0.24), Number.NaN])
    expect(told).toHaveLength(2)
  })
})
