import { readFileSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { formula } from '../../../test/support/formula.ts'
import { AsynchronousChunks, blended, ensembledChunks, queuedChunks } from './chunk-stream.ts'
import { jerks, seamJerk } from './jerk.ts'
import { type Chunk, TemporalEnsembler } from './temporal-ensembler.ts'

/** A policy whose action at step t of the world is [t, call]; all but its first answer come `late` steps later. */
function countingPolicy(length: number, late = 0) {
  const asked: number[] = []
  const waiting: { due: number; answer: () => void }[] = []
  const predict = async (step: number): Promise<Chunk> => {
    const call = asked.push(step)
    if (late > 0 && call > 1)
      await new Promise<void>((answer) => {
        waiting.push({ due: step + late, answer })
      })
    return Array.from({ length }, (_, i) => [step + i, call])
  }
  /** Let what is due at the end of a step be answered. */
  const endOf = async (step: number) => {
    for (const { due, answer } of waiting) if (due <= step) answer()
    await setImmediate()
  }
  return { asked, predict, endOf }
}

describe('TemporalEnsembler', () => {
  it('gives the actions of LeRobot’s ACTTemporalEnsembler', () => {
    const { ensembled } = JSON.parse(readFileSync('test/golden/act/values.json', 'utf8'))
    const ensembler = new TemporalEnsembler(0.01, 4)
    for (const [i, expected] of (ensembled as number[][]).entries()) {
      const { data } = formula(`chunk ${i}`, [4, 2])
      const chunk = Array.from({ length: 4 }, (_, step) => Array.from(data.subarray(2 * step, 2 * step + 2)))
      for (const [j, value] of ensembler.update(chunk).entries()) expect(value).toBeCloseTo(expected[j]!, 6)
    }
  })

  it('counts the oldest prediction most, and begins anew after a reset', () => {
    const ensembler = new TemporalEnsembler(1, 2)
    expect(ensembler.update([[0], [1]])).toEqual([0])
    expect(ensembler.update([[3], [5]])[0]).toBeCloseTo((1 + 3 * Math.exp(-1)) / (1 + Math.exp(-1)), 12)
    ensembler.reset()
    expect(ensembler.update([[7], [8]])).toEqual([7])
  })

  it('refuses a coefficient that is no number', () => {
    expect(() => new TemporalEnsembler(Number.NaN, 3)).toThrow(
      expect.objectContaining({ code: 'deploy/chunk' }),
    )
  })
})

describe('streams of actions', () => {
  it('carry out the first actions of a chunk, then ask again', async () => {
    const { asked, predict } = countingPolicy(5)
    const stream = queuedChunks(predict, 3)
    const actions: (readonly number[])[] = []
    for (let step = 0; step < 7; step++) actions.push(await stream.next(step))
    expect(asked).toEqual([0, 3, 6])
    expect(actions.map(([at]) => at)).toEqual([0, 1, 2, 3, 4, 5, 6])
    stream.reset()
    await stream.next(20)
    expect(asked.at(-1)).toBe(20)
    expect(() => queuedChunks(predict, 0)).toThrow(/1 or more/)
  })

  it('ensemble what is asked at every step', async () => {
    const { asked, predict } = countingPolicy(3)
    const stream = ensembledChunks(predict, { coefficient: 0.01, chunk: 3 })
    for (let step = 0; step < 4; step++) expect((await stream.next(step))[0]).toBeCloseTo(step, 10)
    expect(asked).toEqual([0, 1, 2, 3])
  })
})

describe('AsynchronousChunks', () => {
  it('asks while it acts, leaves out what is past, and never waits again after the first chunk', async () => {
    const { asked, predict, endOf } = countingPolicy(8, 2)
    const stream = new AsynchronousChunks(predict, { ask: 5, blend: 0 })
    const actions: (readonly number[])[] = []
    for (let step = 0; step < 20; step++) {
      actions.push(await stream.next(step))
      await endOf(step)
    }
    // However late a chunk comes, its actions are those of their steps.
    expect(actions.map(([at]) => at)).toEqual(Array.from({ length: 20 }, (_, i) => i))
    expect(stream.waits).toBe(1)
    expect(asked.length).toBeGreaterThan(2)
    expect(stream.seams.length).toBeGreaterThan(1)
  })

  it('waits where a chunk comes too late, and tells the error of a prediction that fails', async () => {
    const { predict } = countingPolicy(2)
    const slow = new AsynchronousChunks(predict, { ask: 0 })
    for (let step = 0; step < 4; step++) await slow.next(step)
    expect(slow.waits).toBeGreaterThan(0)
    const failing = new AsynchronousChunks(async () => Promise.reject(new Error('no camera')))
    await expect(failing.next(0)).rejects.toThrow('no camera')
  })

  it('blends the seam: the new chunk takes over step by step', () => {
    const old = [[0], [0], [0], [0], [0]]
    const fresh = [[4], [4], [4], [4], [4], [4]]
    expect(blended(old, fresh, 3)).toEqual([[1], [2], [3], [4], [4], [4]])
    expect(blended([[0]], fresh, 3).slice(0, 2)).toEqual([[1], [4]])
    expect(blended([], fresh, 3)).toEqual(fresh)
  })

  it('makes seams smoother where it blends them', async () => {
    // Chunks that disagree by a step of 1 from call to call.
    const run = async (blend: number) => {
      let call = 0
      const stream = new AsynchronousChunks<number>(
        async () => {
          call += 1
          return Array.from({ length: 12 }, () => [call % 2])
        },
        { ask: 6, blend },
      )
      const actions: (readonly number[])[] = []
      for (let step = 0; step < 40; step++) actions.push(await stream.next(step))
      return seamJerk(actions, stream.seams, 0.05)
    }
    const [hard, soft] = [await run(0), await run(5)]
    expect(soft.atSeams).toBeLessThan(0.5 * hard.atSeams)
  })
})

describe('jerk', () => {
  it('is the third difference by the period cubed', () => {
    const cubic = Array.from({ length: 6 }, (_, t) => [(0.1 * t) ** 3, 0])
    for (const jerk of jerks(cubic, 0.1)) expect(jerk).toBeCloseTo(6, 9)
    expect(() => jerks(cubic, 0)).toThrow(/above 0/)
  })

  it('tells seams from the rest', () => {
    const actions = [...Array.from({ length: 8 }, () => [0]), ...Array.from({ length: 8 }, () => [1])]
    const { atSeams, elsewhere } = seamJerk(actions, [8], 1)
    expect(atSeams).toBeCloseTo((1 + 2 + 1) / 3, 12)
    expect(elsewhere).toBe(0)
    expect(seamJerk(actions, [], 1).atSeams).toBe(0)
  })
})
