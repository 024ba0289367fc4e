import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { ConfigError, float32, hostArray, int64, ShapeError } from '../core/index.ts'
import { constant, gradients, input } from '../graph/index.ts'
import { crossEntropy, crossEntropySoft } from './index.ts'

// Values and gradients against PyTorch, and against central differences: test/gradients.

const logits = input('logits', [2, 3])
const feeds = { logits: float32([2, 3], [1, 2, 3, 0, 0, 0]) }
const classes = (...values: number[]) => constant(int64([values.length], values))

describe('crossEntropy', () => {
  it('is 0 with zero gradient when no target counts', async () => {
    const loss = crossEntropy(logits, classes(-100, -100), { labelSmoothing: 0.1 })
    const results = await evaluate({ loss, dLogits: gradients(loss, [logits])[0]! }, feeds)
    expect(Math.abs(results.loss![0]!)).toBe(0)
    expect(results.dLogits!.map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('gives no gradient to logits of ignored targets, even infinite ones', async () => {
    const loss = crossEntropy(logits, classes(7, 1), { ignoreIndex: 7 })
    const far = { logits: float32([2, 3], [1e3, -1e3, 3e38, 0, 0, 0]) }
    const results = await evaluate({ loss, dLogits: gradients(loss, [logits])[0]! }, far)
    expect(results.loss![0]).toBeCloseTo(Math.log(3), 6)
    expect(results.dLogits!.slice(0, 3).map(Math.abs)).toEqual([0, 0, 0])
    expect(results.dLogits![4]).toBeCloseTo(-2 / 3, 6)
  })

  it('takes int32 classes', async () => {
    const targets = constant(hostArray('int32', [2], Int32Array.of(2, 0)))
    const results = await evaluate(
      { a: crossEntropy(logits, targets), b: crossEntropy(logits, classes(2, 0)) },
      feeds,
    )
    expect(results.a).toEqual(results.b)
  })

  it('is the soft one with one-hot targets', async () => {
    const soft = constant(float32([2, 3], [0, 0, 1, 1, 0, 0]))
    const labelSmoothing = 0.2
    const results = await evaluate(
      {
        hard: crossEntropy(logits, classes(2, 0), { labelSmoothing }),
        soft: crossEntropySoft(logits, soft, { labelSmoothing }),
      },
      feeds,
    )
    expect(results.hard![0]).toBeCloseTo(results.soft![0]!, 6)
  })

  it('refuses shapes and smoothing that make no sense', () => {
    expect(() => crossEntropy(logits, classes(1, 2, 0))).toThrow(ShapeError)
    expect(() => crossEntropySoft(logits, input('t', [3, 2]))).toThrow(
      /^crossEntropySoft\(.*shape of the logits/,
    )
    expect(() => crossEntropy(logits, classes(1, 2), { labelSmoothing: 1.5 })).toThrow(ConfigError)
    expect(() => crossEntropySoft(logits, logits, { labelSmoothing: -1 })).toThrow(/must lie in \[0, 1\]/)
  })
})
