import { expect, test } from 'vitest'
import { runOptimizer } from '../../test/support/optimizer-run.ts'
import { lion } from './lion.ts'

test('moves every element by the learning rate, whatever the gradient; not at all where it is zero', async () => {
  const { values } = await runOptimizer(lion({ learningRate: 0.25 }), [0, 0, 0, 0], [[1e-20, 5, 0, -1e20]])
  expect([...values[0]!]).toEqual([-0.25, -0.25, 0, 0.25])
})

test('weighs the gradient by beta1 in the direction and by beta2 in the mean', async () => {
  // The mean is 0.01 after the first step. Now −0.05 does not turn the direction, 0.9·0.01 − 0.1·0.05 > 0, and
  // −0.1 does, 0.9·0.01 − 0.1·0.1 < 0.
  const optimizer = lion({ learningRate: 1, beta1: 0.9, beta2: 0.99 })
  const gradients = [
    [1, 1],
    [-0.05, -0.1],
  ]
  const { values, moments } = await runOptimizer(optimizer, [0, 0], gradients)
  expect([...values[1]!]).toEqual([-2, 0])
  expect([...moments.mean!]).toEqual([0.0094, 0.0089].map((value) => expect.closeTo(value, 7)))
})
