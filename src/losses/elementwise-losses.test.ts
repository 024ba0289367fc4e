import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32, ShapeError } from '../core/index.ts'
import { gradients, input } from '../graph/index.ts'
import { binaryCrossEntropyWithLogits, meanSquaredError, smoothL1 } from './index.ts'

// More values and gradients: test/gradients.

const prediction = input('prediction', [4])
const target = input('target', [4])
const feeds = { prediction: float32([4], [0, 0.5, 3, -2]), target: float32([4], [0, 1, 0, 0]) }

describe('losses over elements', () => {
  it('meanSquaredError', async () => {
    const loss = meanSquaredError(prediction, target)
    const results = await evaluate({ loss, d: gradients(loss, [prediction])[0]! }, feeds)
    expect(results).toEqual({ loss: [(0.25 + 9 + 4) / 4], d: [0, -0.25, 1.5, -1] })
  })

  it('smoothL1 is a parabola near and a line far away', async () => {
    const loss = smoothL1(prediction, target, 2)
    const results = await evaluate({ loss, d: gradients(loss, [prediction])[0]! }, feeds)
    expect(results).toEqual({ loss: [(0.25 / 4 + 2 + 1) / 4], d: [0, -0.0625, 0.25, -0.25] })
  })

  it('binaryCrossEntropyWithLogits is finite and right far from zero', async () => {
    const loss = binaryCrossEntropyWithLogits(prediction, target)
    const far = { prediction: float32([4], [1000, -1000, 1000, 0]), target: float32([4], [1, 1, 0, 0.25]) }
    const results = await evaluate({ loss, d: gradients(loss, [prediction])[0]! }, far)
    expect(results.loss![0]).toBeCloseTo((0 + 1000 + 1000 + Math.log(2)) / 4, 3)
    expect(results.d).toEqual([0, -0.25, 0.25, 0.0625])
  })

  it.each([
    ['meanSquaredError', meanSquaredError],
    ['smoothL1', smoothL1],
    ['binaryCrossEntropyWithLogits', binaryCrossEntropyWithLogits],
  ] as const)('%s does not compare all with all', (name, loss) => {
    expect(() => loss(prediction, input('column', [4, 1]))).toThrow(ShapeError)
    expect(() => loss(prediction, input('column', [4, 1]))).toThrow(
      `${name}(float32[4], float32[4,1]) does not fit: both need one shape; reshape one side`,
    )
  })
})
