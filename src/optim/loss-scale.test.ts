import { expect, test } from 'vitest'
import { initialLossScale, type LossScale, nextLossScale } from './loss-scale.ts'

/** The state after each step was good or not. */
const after = (state: LossScale, ...overflows: boolean[]) => overflows.reduce(nextLossScale, state)
const good = (steps: number) => new Array<boolean>(steps).fill(false)

test('doubles after 2000 good steps in a row, not before', () => {
  expect(after(initialLossScale, ...good(1999))).toEqual({ scale: 65_536, goodSteps: 1999, skippedSteps: 0 })
  expect(after(initialLossScale, ...good(2000))).toEqual({ scale: 131_072, goodSteps: 0, skippedSteps: 0 })
  expect(after(initialLossScale, ...good(4000)).scale).toBe(262_144)
})

test('halves on overflow and counts anew', () => {
  expect(after(initialLossScale, ...good(1999), true)).toEqual({
    scale: 32_768,
    goodSteps: 0,
    skippedSteps: 1,
  })
  expect(after(initialLossScale, ...good(1999), true, ...good(1999))).toEqual({
    scale: 32_768,
    goodSteps: 1999,
    skippedSteps: 1,
  })
})

test('stays within what float32 can divide by', () => {
  expect(after({ ...initialLossScale, scale: 2 ** 126, goodSteps: 1999 }, false).scale).toBe(2 ** 126)
})

test('gives up when gradients overflow without any scale', () => {
  const small = { ...initialLossScale, scale: 2 }
  expect(after(small, true).scale).toBe(1)
  expect(() => after(small, true, true)).toThrow(
    expect.objectContaining({ code: 'optim/loss-scale', facts: { scale: 1 } }),
  )
})
