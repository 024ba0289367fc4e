import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32 } from '../core/index.ts'
import { gradients, input } from '../graph/index.ts'
import { clampedScale } from './dual-encoder.ts'

/** The scale at this logarithm, and its gradient with respect to it. */
async function scaleAt(value: number) {
  const logarithm = input('logarithm', [])
  const scale = clampedScale(logarithm)
  const [slope] = gradients(scale, [logarithm])
  const results = await evaluate({ scale, slope: slope! }, { logarithm: float32([], [value]) })
  return { scale: results.scale![0]!, slope: results.slope![0]! }
}

describe('the factor of the similarities', () => {
  it.each([-1, 0, Math.log(1 / 0.07), 4.6])('is exp of %d, and so is its gradient', async (logarithm) => {
    const { scale, slope } = await scaleAt(logarithm)
    expect(scale / Math.exp(logarithm)).toBeCloseTo(1, 6)
    expect(slope / Math.exp(logarithm)).toBeCloseTo(1, 6)
  })

  it.each([Math.log(100), 4.7, 6, 80])(
    'is 100 at %d, and lets the gradient through so that it can come back down',
    async (logarithm) => {
      const { scale, slope } = await scaleAt(logarithm)
      expect(scale / 100).toBeCloseTo(1, 5)
      expect(slope / 100).toBeCloseTo(1, 5)
    },
  )
})
