import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32 } from '../../core/index.ts'
import { gradients, input, l2Normalize } from '../index.ts'

// Values and gradients against PyTorch, and against central differences: test/gradients.

describe('l2Normalize', () => {
  it('leaves the zero vector zero, with the gradient dy/epsilon', async () => {
    const x = input('x', [2, 2])
    const y = l2Normalize(x, -1, 1e-3)
    const results = await evaluate(
      { y, dx: gradients(y.sum(), [x])[0]! },
      { x: float32([2, 2], [0, 0, 3, 4]) },
    )
    expect(results.y!.slice(0, 2)).toEqual([0, 0])
    expect(results.y![2]).toBeCloseTo(0.6, 6)
    expect(results.dx![0]).toBeCloseTo(1000, 2)
    expect(results.dx![1]).toBeCloseTo(1000, 2)
  })

  it('is exact for short and long rows alike', async () => {
    const x = input('x', [3, 2])
    const { y } = await evaluate({ y: l2Normalize(x) }, { x: float32([3, 2], [3e-9, 4e-9, -3e9, 4e9, 0, 5]) })
    ;[0.6, 0.8, -0.6, 0.8, 0, 1].forEach((value, i) => {
      expect(y![i]).toBeCloseTo(value, 6)
    })
  })
})
