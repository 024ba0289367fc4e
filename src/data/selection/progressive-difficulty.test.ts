import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ConfigError, random } from '../../core/index.ts'
import { LossDifficultySelection } from './loss-difficulty.ts'
import { measuredDifficultySelection } from './measured-difficulty.ts'
import { nextTarget, progressiveDifficulty } from './progressive-difficulty.ts'
import { decodeLosses, encodeLosses, withLosses } from './running-losses.ts'

const parameters = progressiveDifficulty({ metric: 'score' })
const byLoss = progressiveDifficulty({ metric: 'score', by: 'loss' })

const after = (start: number, performances: readonly number[]): number =>
  performances.reduce((target, performance) => nextTarget(target, performance, parameters), start)

describe('the target difficulty', () => {
  it.each([
    ['begins at 0.3', [], 0.3],
    ['rises by 0.05 above 0.8', [0.81, 0.9], 0.4],
    ['falls by 0.05 below 0.5', [0.49], 0.25],
    ['stays from 0.5 to 0.8', [0.5, 0.65, 0.8], 0.3],
    ['rises to 1 at most', Array(40).fill(1), 1],
    ['falls to 0.1 at least', Array(40).fill(0), 0.1],
    ['comes back the way it went', [0.9, 0.9, 0.9, 0.1, 0.1, 0.1], 0.3],
  ])('%s', (_, performances, expected) => {
    expect(after(parameters.start, performances)).toBe(expected)
  })

  it.each([
    ['a start beyond its bounds', { start: 0.05 }],
    ['marks in the wrong order', { raiseAbove: 0.4 }],
    ['a share of nothing', { share: 0 }],
    ['a step of more than everything', { step: 1.5 }],
  ])('refuses %s', (_, options) => {
    expect(() => progressiveDifficulty({ metric: 'score', ...options })).toThrow(ConfigError)
  })
})

describe('progressive difficulty by measure', () => {
  it('deals the share of samples nearest to the target, and those as near as the last of them', () => {
    const measured = fc.array(
      fc.oneof(fc.double({ min: 0, max: 1.5, noNaN: true }), fc.constant(Number.NaN)),
      {
        minLength: 1,
        maxLength: 40,
      },
    )
    fc.assert(
      fc.property(measured, fc.double({ min: 0.1, max: 1, noNaN: true }), (difficulties, target) => {
        const { accepts } = measuredDifficultySelection(parameters, difficulties)
        const distance = (ordinal: number) => Math.abs(difficulties[ordinal]! - target)
        const usable = [...difficulties.keys()].filter((ordinal) => !Number.isNaN(difficulties[ordinal]))
        const dealt = [...difficulties.keys()].filter((ordinal) => accepts({ target }, ordinal))
        const left = usable.filter((ordinal) => !dealt.includes(ordinal))
        expect(dealt.length).toBeGreaterThanOrEqual(Math.ceil(usable.length / 4))
        expect(dealt.every((ordinal) => usable.includes(ordinal))).toBe(true)
        const farthest = Math.max(...dealt.map(distance))
        for (const ordinal of left) expect(distance(ordinal)).toBeGreaterThan(farthest)
        // Without those as far away as the last one there would be too few.
        expect(dealt.filter((ordinal) => distance(ordinal) < farthest).length).toBeLessThan(
          Math.max(1, Math.ceil(usable.length / 4)),
        )
      }),
      { seed: 7 },
    )
  })

  it('follows the target', () => {
    const difficulties = Array.from({ length: 100 }, (_, i) => i / 100)
    const selection = measuredDifficultySelection(parameters, difficulties)
    let state = selection.initial
    const middles: number[] = []
    for (const performance of [0.9, 0.9, 0.9, 0.9, 0.2]) {
      state = selection.after(state, { performance })
      const dealt = difficulties.filter((_, ordinal) => selection.accepts(state, ordinal))
      expect(dealt.length).toBeGreaterThanOrEqual(25)
      expect(dealt.length).toBeLessThanOrEqual(26)
      middles.push((dealt[0]! + dealt.at(-1)!) / 2)
    }
    for (const [i, target] of [0.35, 0.4, 0.45, 0.5, 0.45].entries())
      expect(middles[i]).toBeCloseTo(target, 1)
    expect(selection.numbers(state)).toEqual({ targetDifficulty: 0.45 })
  })
})

describe('progressive difficulty by running loss', () => {
  it('deals everyone until losses are known', () => {
    const selection = new LossDifficultySelection(byLoss)
    expect(selection.accepts(selection.initial, 0)).toBe(true)
    expect(selection.accepts(selection.initial, 99_999)).toBe(true)
    expect(selection.difficulty(selection.initial, 0)).toBeUndefined()
  })

  it('deals the ranks around the target', () => {
    const selection = new LossDifficultySelection(byLoss)
    const ordinals = random(1, 'order').shuffle([...Array(101).keys()])
    // The loss of sample n is n²: its rank is n, whatever the scale of losses.
    let state = selection.after(selection.initial, { ordinals, losses: ordinals.map((n) => n * n) })
    const dealt = () => [...Array(101).keys()].filter((ordinal) => selection.accepts(state, ordinal))
    expect(dealt()).toEqual([...Array(26).keys()].map((i) => 18 + i)) // the 26 nearest to rank 30
    expect(selection.difficulty(state, 30)).toBe(0.3)
    for (let i = 0; i < 40; i++) state = selection.after(state, { performance: 0.95 })
    expect(dealt()).toEqual([...Array(26).keys()].map((i) => 75 + i))
    expect(selection.accepts(state, 101)).toBe(true)
  })

  it('ranks anew when as many losses have come as are dealt, and takes half of each new loss', () => {
    const selection = new LossDifficultySelection(byLoss)
    const ordinals = [...Array(8).keys()]
    const first = selection.after(selection.initial, { ordinals, losses: ordinals.map((n) => n) })
    const second = selection.after(first, { ordinals: [2], losses: [100] })
    expect(selection.difficulty(second, 2)).toBeCloseTo(2 / 7) // not yet
    const third = selection.after(second, { ordinals: [3], losses: [3] })
    expect(selection.difficulty(third, 2)).toBe(1)
    expect(decodeLosses(third.losses)).toEqual(new Float32Array([0, 1, 51, 3, 4, 5, 6, 7]))
    expect(third.recent).toEqual([])
  })

  it('never changes a state that a position still holds', () => {
    const selection = new LossDifficultySelection(byLoss)
    const state = selection.after(selection.initial, { ordinals: [0, 1, 2, 3], losses: [1, 2, 3, 4] })
    const copy = JSON.stringify(state)
    selection.after(selection.after(state, { ordinals: [0], losses: [9] }), { performance: 1 })
    expect(JSON.stringify(state)).toBe(copy)
  })
})

describe('running losses', () => {
  it('survive checkpoints bit for bit', () => {
    const losses = fc.array(fc.oneof(fc.float(), fc.constant(Number.NaN)), { maxLength: 50 })
    fc.assert(
      fc.property(losses, (values) => {
        const table = Float32Array.from(values)
        expect(decodeLosses(encodeLosses(table))).toEqual(table)
      }),
      { seed: 7 },
    )
  })

  it('take in losses in their order, and grow to new places', () => {
    const table = withLosses(new Float32Array(0), [
      { ordinals: [3, 1], losses: [4, 2] },
      { ordinals: [3, 3], losses: [8, 2] },
    ])
    expect(table).toEqual(new Float32Array([Number.NaN, 2, Number.NaN, 4]))
  })
})
