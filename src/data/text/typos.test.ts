import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random } from '../../core/index.ts'
import { augmentText } from './augment.ts'
import { typos } from './typos.ts'

const sentence = 'the humanoid robot puts three red cups left of the blue plate'

/** Edits of one character and swaps of neighbours that make `b` of `a` (optimal string alignment). */
function edits(a: string, b: string): number {
  const [from, to] = [[...a], [...b]]
  const cost: number[][] = [Array.from({ length: to.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1
      let best = Math.min(cost[i - 1]![j]! + 1, row[j - 1]! + 1, cost[i - 1]![j - 1]! + same)
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) best = Math.min(best, cost[i - 2]![j - 2]! + 1)
      row.push(best)
    }
    cost.push(row)
  }
  return cost[from.length]![to.length]!
}

describe('typos', () => {
  test('hit 5 % of the characters, and 10 % of the texts', () => {
    let hits = 0
    let changedTexts = 0
    const texts = 2000
    const always = typos({ probability: 1 })
    for (let seed = 0; seed < texts; seed++) {
      hits += edits(sentence, augmentText(sentence, [always], random(seed)))
      changedTexts += augmentText(sentence, [typos()], random(seed)) === sentence ? 0 : 1
    }
    const characters = texts * sentence.length
    const deviation = Math.sqrt((0.05 * 0.95) / characters)
    // Typos that touch may cancel or be counted as one: some 2 % of them.
    expect(hits / characters).toBeGreaterThan(0.05 * 0.97 - 4 * deviation)
    expect(hits / characters).toBeLessThan(0.05 + 4 * deviation)
    const changed = 0.1 * (1 - 0.95 ** sentence.length)
    expect(Math.abs(changedTexts / texts - changed)).toBeLessThan(
      4 * Math.sqrt((changed * (1 - changed)) / texts),
    )
  })

  test('hit every place alike, the first and the last too', () => {
    const text = 'abcdefghij'
    const texts = 4000
    // A digit in place of one character, then see whether it came through where it was.
    const rateAt = (place: number): number => {
      let lost = 0
      for (let seed = 0; seed < texts; seed++) {
        const marked = `${text.slice(0, place)}7${text.slice(place + 1)}`
        const typed = augmentText(marked, [typos({ probability: 1, rate: 0.2 })], random(seed, place))
        lost += typed.includes('7') ? 0 : 1
      }
      return lost / texts
    }
    // Of four typos two lose the character; of the three that the first can suffer, two.
    expect(Math.abs(rateAt(0) - (0.2 * 2) / 3)).toBeLessThan(0.025)
    for (const place of [1, 5, 9]) expect(Math.abs(rateAt(place) - 0.2 / 2)).toBeLessThan(0.025)
  })

  test('make swaps, insertions, deletions and substitutions equally often', () => {
    const lengths = new Map<number, number>()
    for (let seed = 0; seed < 4000; seed++) {
      const typed = augmentText('ab', [typos({ probability: 1, rate: 0.5 })], random(seed))
      lengths.set(typed.length, (lengths.get(typed.length) ?? 0) + 1)
    }
    expect([...lengths.keys()].sort()).toEqual([0, 1, 2, 3, 4])
    expect(Math.abs(lengths.get(1)! - lengths.get(3)!)).toBeLessThan(4 * Math.sqrt(lengths.get(1)! * 2))
  })

  test('at rate 1 change every character, and keep the case of those replaced', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const typed = augmentText('X', [typos({ probability: 1, rate: 1 })], random(seed))
        expect(typed).not.toBe('X')
        expect(typed).toMatch(/^(?:|X[a-z]|[A-WYZ])$/)
      }),
      { seed: 7 },
    )
  })

  test('never break an emoji in two', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const typed = augmentText('🤖🦾🤖🦾', [typos({ probability: 1, rate: 0.5 })], random(seed))
        expect(typed).not.toMatch(/\p{Surrogate}/u)
      }),
      { seed: 7 },
    )
  })
})
