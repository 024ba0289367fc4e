import { expect, test } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32 } from '../core/index.ts'
import { input } from '../graph/index.ts'
import { ema } from './ema.ts'

test('warms its decay up to the one asked for', () => {
  const { decayAt } = ema({ decay: 0.9 })
  expect(decayAt(1)).toBe(2 / 11)
  expect(decayAt(10)).toBe(11 / 20)
  expect(decayAt(80)).toBe(0.9)
  expect(decayAt(81)).toBe(0.9)
})

test('mixes average and value by the decay', async () => {
  const state = { average: input('average', [3]), value: input('value', [3]), decay: input('decay', []) }
  const feeds = {
    average: float32([3], [8, 0, 1]),
    value: float32([3], [0, 8, 1]),
    decay: float32([], [0.75]),
  }
  const { average, ...others } = ema().update(state)
  expect(others).toEqual({})
  expect(await evaluate({ next: average! }, feeds)).toEqual({ next: [6, 2, 1] })
})

test('refuses a decay that never lets anything in', () => {
  expect(() => ema({ decay: 1 })).toThrow(expect.objectContaining({ code: 'optim/option-range' }))
})
