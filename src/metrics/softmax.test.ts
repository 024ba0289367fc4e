import { expect, it } from 'vitest'
import { softmaxRows } from './softmax.ts'

it('makes probabilities of each row, however large the logits', () => {
  const logits = Float32Array.from([0, Math.log(3), 1e30, 1e30, -1e30, 0])
  expect(Array.from(softmaxRows(logits, 2), (p) => Math.round(p * 1e6) / 1e6)).toEqual([
    0.25, 0.75, 0.5, 0.5, 0, 1,
  ])
})

it('is NaN in the rows of a NaN or of an infinity only', () => {
  const { NaN: none, POSITIVE_INFINITY: inf, NEGATIVE_INFINITY: low } = Number
  const logits = Float32Array.from([0, none, inf, 0, low, 0, low, low])
  expect([...softmaxRows(logits, 2)]).toEqual([none, none, none, none, 0, 1, none, none])
})

it('has nothing of nothing', () => {
  expect(softmaxRows(new Float32Array(), 3)).toEqual(new Float32Array())
})
