import { describe, expect, it } from 'vitest'
import { TaskWeights } from './task-weighting.ts'

const adaptive = (step = 0.01, floor = 0.1) =>
  new TaskWeights({ kind: 'adaptive', step, floor }, ['find', 'grasp', 'walk'])

/** Weights of find, grasp and walk. */
const weightsOf = (weights: TaskWeights) =>
  Object.values(weights.factors(0)).map((x) => Math.round(x * 1e6) / 1e6)

describe('adaptive weights', () => {
  it('begin at 1 and wait for a second loss', () => {
    const weights = adaptive()
    expect(weightsOf(weights)).toEqual([1, 1, 1])
    weights.observe({ find: 5, grasp: 1, walk: 0 })
    expect(weightsOf(weights)).toEqual([1, 1, 1])
  })

  it('rise by 0.01 where the loss rose, fall by it where it fell or stayed, and rest where there was none', () => {
    const weights = adaptive()
    weights.observe({ find: 1, grasp: 1, walk: 1 })
    weights.observe({ find: 1.001, grasp: 0.2, walk: undefined })
    expect(weightsOf(weights)).toEqual([1.01, 0.99, 1])
    // Compared with the step before, not with the best: grasp rose again. Walk compares with its last loss, 1.
    weights.observe({ find: 1.001, grasp: 0.3, walk: 2 })
    expect(weightsOf(weights)).toEqual([1, 1, 1.01])
  })

  it('go as far up as losses rise, and down to the floor', () => {
    const weights = adaptive()
    for (let i = 0; i < 150; i++) weights.observe({ find: i, grasp: -i, walk: i % 2 })
    const [find, grasp, walk] = weightsOf(weights)
    expect(find).toBeCloseTo(1 + 149 * 0.01, 6)
    expect(grasp).toBe(0.1)
    expect(Math.abs(walk! - 1)).toBeLessThan(0.02)
    weights.observe({ find: 0, grasp: 0, walk: 0 })
    expect(weightsOf(weights)[1]).toBeCloseTo(0.11, 6)
  })
})
