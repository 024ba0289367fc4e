import { assert as always, array, asyncProperty, float } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runOptimizer } from '../../test/support/optimizer-run.ts'
import { adamW } from './adamw.ts'
import { lion } from './lion.ts'
import type { Optimizer } from './optimizer.ts'
import { sgd } from './sgd.ts'

interface Rates {
  readonly learningRate: number
  readonly weightDecay: number
}

const optimizers: readonly (readonly [string, (rates: Rates) => Optimizer])[] = [
  ['adamW', adamW],
  ['sgd', sgd],
  ['sgd with momentum', (rates) => sgd({ ...rates, momentum: 0.9 })],
  ['sgd with Nesterov momentum', (rates) => sgd({ ...rates, momentum: 0.9, nesterov: true })],
  ['lion', lion],
]

const number = float({ noNaN: true, min: -100, max: 100 })
const vector = array(number, { minLength: 1, maxLength: 8 })
const runs = { numRuns: 8, seed: 7 }

describe.each(optimizers)('%s', (_, optimizer) => {
  test('leaves values as they are when gradient and decay are zero', async () => {
    const idle = optimizer({ learningRate: 0.1, weightDecay: 0 })
    const unchanged = asyncProperty(vector, async (initial) => {
      const zeros = initial.map(() => 0)
      const { values } = await runOptimizer(idle, initial, [zeros, zeros, zeros])
      expect(values[2]!.every((value, i) => value === initial[i])).toBe(true)
    })
    await always(unchanged, runs)
  })

  test('leaves values as they are at learning rate zero', async () => {
    const still = optimizer({ learningRate: 0, weightDecay: 0.1 })
    const unchanged = asyncProperty(vector, async (initial) => {
      const { values } = await runOptimizer(still, initial, [initial, initial])
      expect(values[1]!.every((value, i) => value === initial[i])).toBe(true)
    })
    await always(unchanged, runs)
  })

  test('pulls values towards zero, never past it, by weight decay alone', async () => {
    const decaying = optimizer({ learningRate: 0.1, weightDecay: 0.5 })
    const initial = [100, 1, 1e-3, 0, -1e-3, -1, -100]
    const zeros = initial.map(() => 0)
    const { values } = await runOptimizer(decaying, initial, [zeros, zeros, zeros])
    for (const [index, value] of values[2]!.entries()) {
      expect(Math.sign(value)).toBe(Math.sign(initial[index]!))
      expect(Math.abs(value)).toBeLessThanOrEqual(Math.abs(initial[index]!) * 0.9)
    }
  })

  test('moves against the gradient in its first step', async () => {
    const chosen = optimizer({ learningRate: 0.1, weightDecay: 0 })
    const { values } = await runOptimizer(chosen, [0, 0, 0], [[2, 0, -2]])
    expect(Array.from(values[0]!, Math.sign)).toEqual([-1, 0, 1])
  })

  test('lets a NaN in the gradient be seen in the value', async () => {
    const { values } = await runOptimizer(
      optimizer({ learningRate: 0.1, weightDecay: 0 }),
      [1, 1],
      [[Number.NaN, 0]],
    )
    expect([...values[0]!]).toEqual([Number.NaN, 1])
  })

  test('shows its rates, and all its options as plain data', () => {
    const chosen = optimizer({ learningRate: 0.1, weightDecay: 0.5 })
    expect(chosen).toMatchObject({ learningRate: 0.1, weightDecay: 0.5 })
    expect(JSON.parse(JSON.stringify(chosen.options))).toMatchObject({ learningRate: 0.1, weightDecay: 0.5 })
  })
})

test.each(Object.entries({ adamW, sgd, lion }))(
  '%s can be made again from its name and options',
  (name, make) => {
    const optimizer = make({ learningRate: 0.3 })
    expect(optimizer.kind).toBe(name)
    expect(make(optimizer.options).options).toEqual(optimizer.options)
  },
)
