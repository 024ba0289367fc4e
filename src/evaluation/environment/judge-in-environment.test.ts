import { expect, test } from 'vitest'
import { type ChunkObservation, queuedChunks } from '../../deploy/index.ts'
import type { Environment } from './environment.ts'
import { judgeInEnvironment } from './judge-in-environment.ts'

/** A point on a line that is to come to 0 within 10 steps; of every fourth seed it is stuck. */
function line(): Environment {
  let [at, step, stuck] = [0, 0, false]
  const seen = (): ChunkObservation => ({ cameras: {}, state: [at], command: 'come to zero' })
  return {
    reset(seed) {
      ;[at, step, stuck] = [3 + (seed % 3), 0, seed % 4 === 3]
      return seen()
    },
    async step([move = 0]) {
      if (!stuck) at += move
      step += 1
      return { observation: seen(), success: at === 0, terminated: at === 0, truncated: step === 10 }
    },
  }
}

const towardsZero = async ({ state }: ChunkObservation) => {
  const [at = 0] = state as readonly number[]
  return [[-Math.sign(at)], [-Math.sign(at)]]
}

test('a policy is judged over episodes, with the interval', async () => {
  const told: number[] = []
  const judged = await judgeInEnvironment(line(), queuedChunks(towardsZero, 1), {
    episodes: 8,
    seed: 100,
    onEpisode: ({ seed }) => told.push(seed),
  })
  expect(told).toEqual([100, 101, 102, 103, 104, 105, 106, 107])
  expect(judged).toMatchObject({ successes: 6, rate: 0.75 })
  const [low, high] = judged.interval
  expect(low).toBeLessThan(0.75)
  expect(high).toBeGreaterThan(0.75)
  expect(judged.episodes[3]).toEqual({ seed: 103, steps: 10, success: false })
  expect(judged.meanSteps).toBeCloseTo((4 + 5 + 3 + 5 + 3 + 4) / 6, 12)
})

test('the policy begins anew at each episode, and steps end one', async () => {
  let resets = 0
  const stream = queuedChunks(towardsZero, 2)
  const counted = { next: stream.next, reset: () => [stream.reset(), resets++] }
  const judged = await judgeInEnvironment(line(), counted, { episodes: 2, steps: 2 })
  expect(resets).toBe(2)
  expect(judged).toMatchObject({ successes: 0, meanSteps: Number.NaN })
  expect(judged.episodes.map(({ steps }) => steps)).toEqual([2, 2])
  await expect(judgeInEnvironment(line(), stream, { episodes: 0 })).rejects.toMatchObject({
    code: 'config/environment',
  })
})
