import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32 } from '../../core/index.ts'
import { gradients, input } from '../index.ts'

const at = [-1000, -100, -20, -1, 0, 1, 20, 100, 1000]
const x = input('x', [at.length])
const feeds = { x: float32([at.length], at) }

describe('softplus and logSigmoid', () => {
  it('are finite and right far from zero', async () => {
    const results = await evaluate({ plus: x.softplus(), sigmoid: x.logSigmoid() }, feeds)
    at.forEach((value, i) => {
      const expected = Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))
      expect(results.plus![i]).toBeCloseTo(expected, 5)
      expect(results.sigmoid![i]).toBeCloseTo(value - expected, 5)
    })
  })

  it('have σ(x) and σ(−x) as gradients, to full relative precision and at zero too', async () => {
    const [dPlus] = gradients(x.softplus().sum(), [x])
    const [dSigmoid] = gradients(x.logSigmoid().sum(), [x])
    const results = await evaluate({ dPlus: dPlus!, dSigmoid: dSigmoid! }, feeds)
    at.forEach((value, i) => {
      const rising = 1 / (1 + Math.exp(-value))
      const falling = 1 / (1 + Math.exp(value))
      // exp(−100) is below the normal numbers of float32.
      expect(Math.abs(results.dPlus![i]! - rising)).toBeLessThanOrEqual(1e-6 * rising + 1e-38)
      expect(Math.abs(results.dSigmoid![i]! - falling)).toBeLessThanOrEqual(1e-6 * falling + 1e-38)
    })
  })
})
