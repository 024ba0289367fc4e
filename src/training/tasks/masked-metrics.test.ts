import { describe, expect, it } from 'vitest'
import { randomPairs, smallVlm } from '../../../test/support/small-vlm.ts'
import { type Batch, splitRows } from '../../core/index.ts'
import type { MaskedRunner } from '../../models/index.ts'
import { maskedMetrics } from './masked-metrics.ts'
import type { TextCounts } from './word-tally.ts'

const model = smallVlm()
const batch = randomPairs(24, 1)

/** A model that tells the words that `knows` says of their text, place and whether the image is seen. */
const knowing = (knows: (tokens: BigInt64Array, place: number, seen: boolean) => boolean): MaskedRunner => ({
  async reconstruct({ inputIds, maskedTokens, imageSeen }) {
    const [count, most] = maskedTokens.shape as [number, number]
    const texts = splitRows(inputIds.data as BigInt64Array, count)
    const right = Array.from(maskedTokens.data as BigInt64Array, (place, i) => {
      const row = Math.floor(i / most)
      return place >= 0n && knows(texts[row]!, Number(place), imageSeen.data[row] === 1)
    })
    return {
      patches: new Float32Array(count * 4 * 48),
      words: BigInt64Array.from(maskedTokens.data as BigInt64Array, (place, i) =>
        right[i] ? texts[Math.floor(i / most)]![Number(place)]! : -7n,
      ),
      logProbabilities: Float32Array.from(right, (is) => (is ? -1 : -3)),
    }
  },
})

async function* once(batches: readonly Batch[]) {
  yield* batches
}

const isEven = (tokens: BigInt64Array, place: number) => tokens[place]! % 2n === 0n

describe('what the image brings to masked words', () => {
  it('is the paired difference over all words, with an interval above 0 where the image helps', async () => {
    const counted: TextCounts[] = []
    const runner = knowing((tokens, place, seen) => seen || isEven(tokens, place))
    const found = await maskedMetrics(runner, model, once([batch]), undefined, (_, counts) =>
      counted.push(counts),
    )
    const words = counted.reduce((sum, { withImage }) => sum + withImage.words, 0)
    const alone = counted.reduce((sum, { withoutImage }) => sum + withoutImage.right, 0)
    expect(found).toMatchObject({ words, withImage: { accuracy: 1, loss: 1 } })
    expect(words).toBeGreaterThan(24)
    expect(found.imageGain!.accuracy).toBeCloseTo(1 - alone / words, 12)
    expect(found.imageGain!.loss).toBeCloseTo(2 * (1 - alone / words), 12)
    expect(found.imageGain!.lowestAccuracy).toBeGreaterThan(0.1)
    expect(found.imageGain!.highestAccuracy).toBeLessThan(1)
  })

  it('is exactly nothing where both say the same, and below 0 where the image harms', async () => {
    const same = await maskedMetrics(knowing(isEven), model, once([batch]))
    expect(same.imageGain).toMatchObject({ accuracy: 0, lowestAccuracy: 0, highestAccuracy: 0, loss: 0 })
    const harmed = await maskedMetrics(
      knowing((_, __, seen) => !seen),
      model,
      once([batch]),
    )
    expect(harmed.imageGain).toMatchObject({ accuracy: -1, loss: -2 })
  })

  it('is the same however the data is cut into batches', async () => {
    const runner = knowing((tokens, place, seen) => seen && isEven(tokens, place))
    const cut = [0, 1].map((half) => ({
      ids: batch.ids.slice(12 * half, 12 * half + 12),
      arrays: Object.fromEntries(
        Object.entries(batch.arrays).map(([name, { dtype, shape, data }]) => [
          name,
          { dtype, shape: [12, ...shape.slice(1)], data: splitRows(data as Float32Array, 2)[half]! },
        ]),
      ),
    })) as readonly Batch[]
    const [whole, parts] = [
      await maskedMetrics(runner, model, once([batch])),
      await maskedMetrics(runner, model, once(cut)),
    ]
    expect(parts.imageGain).toEqual(whole.imageGain)
    expect(parts.words).toBe(whole.words)
  })
})
