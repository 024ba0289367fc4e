import { expect, test } from 'vitest'
import { runOptimizer } from '../../test/support/optimizer-run.ts'
import { ConfigError } from '../core/index.ts'
import { adamW } from './adamw.ts'

test('has the defaults of PyTorch, but for the learning rate', () => {
  expect(adamW().options).toEqual({
    learningRate: 1e-4,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 0.01,
  })
})

test('moves every element by the learning rate in its first step, however large the gradient', async () => {
  const { values } = await runOptimizer(
    adamW({ learningRate: 0.1, weightDecay: 0 }),
    [0, 0, 0],
    [[1e-3, 1, -1e3]],
  )
  expect([...values[0]!]).toEqual([-0.1, -0.1, 0.1].map((value) => expect.closeTo(value, 5)))
})

test('decays values apart from the gradient: by the same share, however large the gradient', async () => {
  const decay = async (gradient: number) => {
    const options = { learningRate: 0.1, weightDecay: 0.3 }
    const { values: kept } = await runOptimizer(adamW({ ...options, weightDecay: 0 }), [4], [[gradient]])
    const { values: decayed } = await runOptimizer(adamW(options), [4], [[gradient]])
    return kept[0]![0]! - decayed[0]![0]!
  }
  expect(await decay(0.01)).toBeCloseTo(4 * 0.1 * 0.3, 5)
  expect(await decay(-100)).toBeCloseTo(4 * 0.1 * 0.3, 5)
})

test('corrects the bias of both means, less and less', () => {
  const { scalars } = adamW({ beta1: 0.5, beta2: 0.75 })
  expect(scalars(1)).toEqual({ meanCorrection: 2, varianceCorrection: 4 })
  expect(scalars(2)).toEqual({ meanCorrection: 1 / 0.75, varianceCorrection: 1 / (1 - 0.75 ** 2) })
  expect(scalars(1e6)).toEqual({ meanCorrection: 1, varianceCorrection: 1 })
})

test.each([
  { beta1: 1 },
  { beta2: -0.1 },
  { epsilon: -1e-8 },
  { learningRate: Number.NaN },
  { weightDecay: -1 },
])('refuses %j', (options) => {
  expect(() => adamW(options)).toThrow(ConfigError)
})
