import { describe, expect, it } from 'vitest'
import { ConfigError, float32, random } from '../core/index.ts'
import type { CaptionRunner } from '../models/index.ts'
import { searchCaption } from './search-caption.ts'

const [startId, endId, vocabulary] = [0, 1, 6]
const tokenizer = { startId, endId, padId: endId }
const pixels = float32([1, 1, 1, 1], [0])

/** A model whose next word depends on all words before it: random logits by the text. */
function wayward(seed: number): CaptionRunner {
  return {
    score: () => Promise.reject(new Error('not asked for')),
    encodeImages: async () => float32([1, 1, 1], [seed]),
    async nextWords(_, { data, shape }) {
      const [count, length] = shape as readonly [number, number]
      const rows = Array.from({ length: count }, (_, i) => {
        const text = Array.from(data.slice(i * length, (i + 1) * length), Number)
        const stream = random(seed, 'logits', ...text)
        return Array.from({ length: vocabulary }, () => stream.normal(0, 2))
      })
      return Float32Array.from(rows.flat())
    },
  }
}

/** Every text of at most `length` tokens with its probability, by brute force. */
async function best(
  runner: CaptionRunner,
  length: number,
  ids = [startId],
  logProbability = 0,
): Promise<number> {
  if (ids.at(-1) === endId || ids.length === length) return logProbability
  const shape = [1, ids.length]
  const logits = await runner.nextWords(pixels, {
    dtype: 'int64',
    shape,
    data: BigInt64Array.from(ids, BigInt),
  })
  const written = [...logits.keys()].filter((id) => id !== startId)
  const total = Math.log(written.reduce((sum, id) => sum + Math.exp(logits[id]!), 0))
  const found = await Promise.all(
    written.map((id) => best(runner, length, [...ids, id], logProbability + logits[id]! - total)),
  )
  return Math.max(...found)
}

describe('the search for a caption', () => {
  it.each([1, 2, 3, 4, 5])(
    'of model %d never finds a less probable one with more beams, and with all of them the most probable',
    async (seed) => {
      const runner = wayward(seed)
      const found = await Promise.all(
        [1, 2, 3, 5 ** 4].map((beams) => searchCaption(runner, pixels, tokenizer, { beams, length: 5 })),
      )
      const probabilities = found.map(({ logProbability }) => logProbability)
      for (const probability of probabilities.slice(1))
        expect(probability).toBeGreaterThanOrEqual(probabilities[0]!)
      expect(probabilities[3]).toBeCloseTo(await best(runner, 5), 6)
    },
  )

  it('with one beam takes the most probable word each time, and ends with the end or at the length', async () => {
    const runner: CaptionRunner = {
      ...wayward(1),
      // 2, 3, 4, then the end.
      nextWords: async (_, { data }) =>
        Float32Array.from({ length: vocabulary }, (_, id) =>
          id === (data.length < 4 ? data.length + 1 : endId) ? 5 : 0,
        ),
    }
    const whole = await searchCaption(runner, pixels, tokenizer, { beams: 1, length: 9 })
    expect(whole).toMatchObject({ ids: [0, 2, 3, 4, 1], ended: true })
    expect(whole.logProbability).toBeCloseTo(4 * (5 - Math.log(Math.exp(5) + 4)), 5)
    const cut = await searchCaption(runner, pixels, tokenizer, { beams: 1, length: 3 })
    expect(cut).toMatchObject({ ids: [0, 2, 3], ended: false })
  })

  it('never writes a start or padding token', async () => {
    const eager: CaptionRunner = {
      ...wayward(1),
      nextWords: async () => Float32Array.from([9, 0, 9, 5, 0, 0]),
    }
    const { ids } = await searchCaption(eager, pixels, { startId, endId, padId: 2 }, { beams: 2, length: 4 })
    expect(ids.slice(1)).toEqual([3, 3, 3])
  })

  it.each([
    [{ beams: 0, length: 5 }, tokenizer],
    [{ beams: 1.5, length: 5 }, tokenizer],
    [{ beams: 1, length: 1 }, tokenizer],
    [
      { beams: 1, length: 5 },
      { ...tokenizer, startId: undefined },
    ],
  ])('refuses %j', async (search, tokens) => {
    await expect(searchCaption(wayward(1), pixels, tokens, search)).rejects.toThrow(ConfigError)
  })
})
