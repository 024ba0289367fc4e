import { expect, test } from 'vitest'
import { runOptimizer } from '../../test/support/optimizer-run.ts'
import { sgd } from './sgd.ts'

test('keeps a velocity only when there is momentum', () => {
  expect(sgd().moments).toEqual([])
  expect(sgd({ momentum: 0.9 }).moments).toEqual(['velocity'])
})

test('gathers speed under a constant gradient: the velocity is a geometric sum', async () => {
  const { moments } = await runOptimizer(sgd({ momentum: 0.5 }), [0], [[1], [1], [1], [1]])
  expect([...moments.velocity!]).toEqual([1 + 0.5 + 0.25 + 0.125])
})

test('looks ahead with Nesterov: the first step is 1 + momentum times as long', async () => {
  const { values } = await runOptimizer(sgd({ learningRate: 0.5, momentum: 0.5, nesterov: true }), [0], [[1]])
  expect([...values[0]!]).toEqual([-0.75])
})

test('refuses Nesterov without momentum, and momentum that never forgets', () => {
  expect(() => sgd({ nesterov: true })).toThrow(expect.objectContaining({ code: 'optim/nesterov' }))
  expect(() => sgd({ momentum: 1 })).toThrow(expect.objectContaining({ code: 'optim/option-range' }))
})
