import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32 } from '../../core/index.ts'
import { input, patches } from '../index.ts'

// embedPatches against torch's conv2d: test/gradients.

describe('patches', () => {
  it('come row by row, each channel by channel, and what fills none is left out', async () => {
    const images = input('images', [1, 2, 3, 5])
    const y = patches(images, 2)
    expect(y.shape).toEqual([1, 2, 8])
    const pixels = Array.from({ length: 30 }, (_, i) => i)
    const results = await evaluate({ y }, { images: float32([1, 2, 3, 5], pixels) })
    expect(results.y).toEqual([0, 1, 5, 6, 15, 16, 20, 21, 2, 3, 7, 8, 17, 18, 22, 23])
  })
})
