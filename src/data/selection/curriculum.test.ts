import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../core/index.ts'
import { curriculum, curriculumSelection } from './curriculum.ts'

/** Difficulties of 12 samples, from 0 to 11 in a scattered order, the seventh place being bad. */
const difficulties = [4, 9, 1, 11, 6, 0, Number.NaN, 3, 8, 2, 10, 5, 7]

const dealt = (options: Partial<Parameters<typeof curriculum>[0]>, stage: number): number[] => {
  const { accepts } = curriculumSelection(curriculum({ metric: 'score', ...options }), difficulties, 3)
  const state = { stage, history: [] }
  return difficulties.filter((_, ordinal) => accepts(state, ordinal)).sort((a, b) => a - b)
}

/** The stages after each of these validations. */
function stagesAfter(
  performances: readonly number[],
  options: Partial<Parameters<typeof curriculum>[0]> = {},
) {
  const selection = curriculumSelection(curriculum({ metric: 'score', ...options }), difficulties, 3)
  let state = selection.initial
  return performances.map((performance) => {
    state = selection.after(state, { performance })
    return selection.numbers(state).curriculumStage
  })
}

const times = (count: number, performance: number): number[] => Array<number>(count).fill(performance)

describe('a curriculum', () => {
  it('deals a quarter of the samples more in each of four stages, the easiest first', () => {
    expect(dealt({}, 1)).toEqual([0, 1, 2])
    expect(dealt({}, 2)).toEqual([0, 1, 2, 3, 4, 5])
    expect(dealt({}, 3)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
    expect(dealt({}, 4)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect(dealt({}, 5)).toEqual(dealt({}, 4))
  })

  it('deals one quarter at a time when earlier samples are not kept, and all in the end', () => {
    const options = { keepEarlier: false }
    expect([1, 2, 3, 4].map((stage) => dealt(options, stage))).toEqual([
      [0, 1, 2],
      [3, 4, 5],
      [6, 7, 8],
      [9, 10, 11],
    ])
    expect(dealt(options, 5)).toHaveLength(12)
  })

  it('cuts any number of samples into stages of equal size, whatever their difficulties', () => {
    const drawn = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 60 })
    fc.assert(
      fc.property(drawn, fc.integer(), (values, seed) => {
        const parameters = curriculum({ metric: 'score', keepEarlier: false })
        const { accepts } = curriculumSelection(parameters, values, seed)
        const stages = [1, 2, 3, 4].map((stage) =>
          values.flatMap((value, ordinal) => (accepts({ stage, history: [] }, ordinal) ? [value] : [])),
        )
        expect(stages.flat().sort()).toEqual([...values].sort())
        for (const [i, stage] of stages.entries()) {
          expect(Math.abs(stage.length - values.length / 4)).toBeLessThan(1)
          if (i > 0) expect(Math.min(...stage)).toBeGreaterThanOrEqual(Math.max(...stages[i - 1]!))
        }
      }),
      { seed: 7 },
    )
  })

  it('draws the order of equals from the seed, not from their places', () => {
    const equal = Array<number>(400).fill(0.05)
    const firstStage = (seed: number) => {
      const { accepts } = curriculumSelection(curriculum({ metric: 'score' }), equal, seed)
      return [...equal.keys()].filter((ordinal) => accepts({ stage: 1, history: [] }, ordinal))
    }
    expect(firstStage(1)).toHaveLength(100)
    expect(firstStage(1)).toEqual(firstStage(1))
    expect(firstStage(1)).not.toEqual(firstStage(2))
    const inFirstHalf = firstStage(1).filter((ordinal) => ordinal < 200).length
    expect(Math.abs(inFirstHalf - 50)).toBeLessThan(20) // four deviations of a hypergeometric draw
  })

  it('advances when the mean of the last five validations reaches the threshold of the stage', () => {
    expect(stagesAfter([1, 1, 1, 1])).toEqual([1, 1, 1, 1])
    expect(stagesAfter(times(5, 0.6)).at(-1)).toBe(2)
    expect(stagesAfter(times(50, 0.59)).at(-1)).toBe(1)
    // Means of five: 0.4, 0.5, 0.6.
    expect(stagesAfter([0, 0.5, 0.5, 0.5, 0.5, 0.5, 1])).toEqual([1, 1, 1, 1, 1, 1, 2])
    expect(stagesAfter(times(40, 0.7)).at(-1)).toBe(3)
    expect(stagesAfter(times(40, 0.8)).at(-1)).toBe(4)
    expect(stagesAfter(times(40, 0.85)).at(-1)).toBe(5)
  })

  it('starts the history anew at each stage', () => {
    expect(stagesAfter(times(21, 1))).toEqual([
      1,
      1,
      1,
      1,
      ...times(5, 2),
      ...times(5, 3),
      ...times(5, 4),
      5,
      5,
    ])
    // Five good ones, then four good and one bad: the good ones before do not count for the second stage.
    expect(stagesAfter([...times(5, 1), ...times(4, 0.8), 0]).at(-1)).toBe(2)
  })

  it('takes thresholds, window and stages as told', () => {
    expect(stagesAfter([0.2, 0.4, 0.1], { thresholds: [0.2, 0.3], window: 1 })).toEqual([2, 3, 3])
    expect(dealt({ thresholds: [0.5, 0.5] }, 1)).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('does not care about losses', () => {
    const selection = curriculumSelection(curriculum({ metric: 'score' }), difficulties, 3)
    expect(selection.after(selection.initial, { ordinals: [1], losses: [9] })).toBe(selection.initial)
  })

  it('refuses wrong parameters and too few samples', () => {
    expect(() => curriculum({ metric: 'score', thresholds: [0.6, 1.2] })).toThrow(
      /^curriculum\.thresholds\.1: /,
    )
    expect(() => curriculum({ metric: 'score', window: 0 })).toThrow(ConfigError)
    expect(() => curriculumSelection(curriculum({ metric: 'score' }), [1, Number.NaN, 2, 3], 0)).toThrow(
      'there are 3',
    )
  })
})
