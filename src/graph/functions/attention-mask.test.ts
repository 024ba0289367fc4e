import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { float32, int64 } from '../../core/index.ts'
import { causalMask, input, maskedScore, paddingMask } from '../index.ts'

describe('causalMask', () => {
  it('hides what comes later', async () => {
    const m = maskedScore
    expect(await evaluate({ mask: causalMask(3) })).toEqual({ mask: [0, m, m, 0, 0, m, 0, 0, 0] })
  })

  it('leaves nothing of a hidden token, however high its score', async () => {
    const scores = input('scores', [2, 2])
    const { weights } = await evaluate(
      { weights: scores.add(causalMask(2)).softmax() },
      { scores: float32([2, 2], [-1000, 1000, 0, 0]) },
    )
    expect(weights).toEqual([1, 0, 0.5, 0.5])
  })
})

describe('paddingMask', () => {
  it('hides padding from every query', async () => {
    const mask = paddingMask(input('attentionMask', [2, 3], 'int64'))
    expect(mask.shape).toEqual([2, 1, 1, 3])
    const results = await evaluate({ mask }, { attentionMask: int64([2, 3], [1, 1, 0, 1, 0, 0]) })
    const m = maskedScore
    expect(results.mask!.map((value) => value + 0)).toEqual([0, 0, m, 0, m, m])
  })

  it.each(['float32', 'float16'] as const)(
    'a row in which nothing is visible has a finite softmax (%s)',
    async (dtype) => {
      const mask = causalMask(3).add(paddingMask(input('attentionMask', [1, 3], 'int64')))
      const scores = input('scores', [1, 1, 3, 3])
      const weights = scores.cast(dtype).add(mask.cast(dtype)).softmax().cast('float32')
      const results = await evaluate(
        { weights },
        {
          attentionMask: int64([1, 3], [0, 0, 0]),
          scores: float32([1, 1, 3, 3], [3, 1, 2, 0, 0, 0, 9, 9, 9]),
        },
      )
      for (let row = 0; row < 3; row++) {
        const sum = results.weights!.slice(3 * row, 3 * row + 3).reduce((a, b) => a + b)
        expect(sum).toBeCloseTo(1, 2)
      }
    },
  )
})
