import { expect, test } from 'vitest'
import { LatencyWindow } from './latency.ts'

test('percentiles are times of calls, of the last ones only', () => {
  const window = new LatencyWindow({ window: 100, budget: 98 })
  for (let i = 1; i <= 100; i++) window.add(i)
  expect(window.latency).toEqual({
    calls: 100,
    p50: 50,
    p95: 95,
    p99: 99,
    longest: 100,
    budget: 98,
    overBudget: 2,
  })
  for (let i = 0; i < 100; i++) window.add(7)
  expect(window.latency).toMatchObject({ calls: 200, p50: 7, p99: 7, longest: 7, overBudget: 2 })
})

test('a few calls have percentiles too', () => {
  const window = new LatencyWindow()
  expect(window.latency).toMatchObject({ calls: 0, p99: undefined })
  for (const time of [3, 1, 2]) window.add(time)
  expect(window.latency).toMatchObject({ p50: 2, p95: 3, p99: 3, longest: 3 })
})
