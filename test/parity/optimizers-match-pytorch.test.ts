import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { float32 } from '../../src/core/index.ts'
import { input } from '../../src/graph/index.ts'
import {
  adamW,
  clipFactor,
  constant,
  cosine,
  cosineWarmRestarts,
  linear,
  lion,
  sgd,
  sumOfSquares,
} from '../../src/optim/index.ts'
import { evaluate } from '../support/evaluate.ts'
import { runOptimizer } from '../support/optimizer-run.ts'

type Options = Readonly<Record<string, number>>

/** See test/golden/README.md. */
interface Golden {
  readonly optimizers: readonly {
    readonly name: string
    readonly optimizer: 'adamW' | 'sgd' | 'lion'
    readonly options: Options
    readonly learningRates: readonly number[]
    readonly initial: readonly number[]
    readonly gradients: readonly (readonly number[])[]
    readonly values: readonly (readonly number[])[]
    readonly moments: Readonly<Record<string, readonly number[]>>
  }[]
  readonly schedules: readonly {
    readonly name: string
    readonly schedule: 'constant' | 'linear' | 'cosine' | 'cosineWarmRestarts'
    readonly options: Options
    readonly factors: readonly number[]
  }[]
  readonly clipping: readonly {
    readonly name: string
    readonly maxNorm: number
    readonly gradients: readonly (readonly number[])[]
    readonly norm: number
    readonly clipped: readonly (readonly number[])[]
  }[]
}

const golden: Golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../golden/optim/optim.json'), 'utf8'),
)

/** Largest difference, in parts of the largest reference value. */
function relativeError(actual: ArrayLike<number>, expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length)
  const scale = Math.max(...expected.map(Math.abs))
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!)))
  return scale === 0 ? worst : worst / scale
}

describe('twenty updates of a vector', () => {
  const optimizers = { adamW, sgd, lion }
  test.each(golden.optimizers)('$name', async ({ optimizer, options, ...reference }) => {
    const { initial, gradients, learningRates } = reference
    const run = await runOptimizer(optimizers[optimizer](options), initial, gradients, learningRates)
    for (const [step, value] of run.values.entries()) {
      expect(relativeError(value, reference.values[step]!), `value after step ${step + 1}`).toBeLessThan(1e-6)
    }
    expect(Object.keys(run.moments)).toEqual(Object.keys(reference.moments))
    for (const [name, moment] of Object.entries(run.moments)) {
      expect(relativeError(moment, reference.moments[name]!), name).toBeLessThan(1e-6)
    }
  })
})

describe('every step of a schedule', () => {
  const schedules = { constant, linear, cosine, cosineWarmRestarts }
  test.each(golden.schedules)('$name', ({ schedule, options, factors }) => {
    const { totalSteps = factors.length, ...ours } = options
    const { factorAt } = schedules[schedule](ours)
    const warmup = ours.warmupSteps ?? 0
    const actual = factors.map((_, index) => factorAt(index + 1, { totalSteps, stepsPerEpoch: 1 }))
    // The warm-up of transformers begins with a step of rate 0, ours is one ahead; see afterWarmUp.
    const expected = factors.map((factor, index) => (index < warmup ? factors[index + 1] : factor))
    expect(relativeError(actual, expected as number[])).toBeLessThan(1e-12)
  })
})

describe('clipping by the global norm', () => {
  test.each(golden.clipping)('$name', async ({ gradients, maxNorm, ...reference }) => {
    let squares = 0
    for (const gradient of gradients) {
      const shape = [gradient.length]
      const { sum } = await evaluate(
        { sum: sumOfSquares(input('gradient', shape)) },
        { gradient: float32(shape, gradient) },
      )
      squares += sum![0]!
    }
    const norm = Math.sqrt(squares)
    expect(relativeError([norm], [reference.norm])).toBeLessThan(1e-6)
    const clipped = gradients.flat().map((value) => value * clipFactor(norm, maxNorm))
    expect(relativeError(clipped, reference.clipped.flat())).toBeLessThan(1e-6)
  })
})
