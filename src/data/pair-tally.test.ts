import { expect, test } from 'vitest'
import { PairTally } from './pair-tally.ts'

type Pairs = readonly (readonly [concept: string, text: string])[]

test.each<[string, Pairs, boolean]>([
  ['of nothing', [], true],
  ['of one', [['1', 'a']], true],
  ['of one text on three images', [...'123'].map((concept) => [concept, 'a'] as const), true],
  [
    'of one concept with two texts',
    [
      ['1', 'a'],
      ['1', 'b'],
    ],
    true,
  ],
  [
    'of two texts on both of two concepts',
    [
      ['1', 'a'],
      ['1', 'b'],
      ['2', 'a'],
      ['2', 'b'],
    ],
    true,
  ],
  [
    'of two pairs',
    [
      ['1', 'a'],
      ['2', 'b'],
    ],
    false,
  ],
  [
    'of a text that one image lacks',
    [
      ['1', 'a'],
      ['1', 'b'],
      ['2', 'b'],
    ],
    false,
  ],
])('all pairs match in a batch %s: %j is %s', (_, pairs, matching) => {
  const tally = new PairTally()
  for (const [concept, text] of pairs) tally.add(concept, text)
  expect(tally.allMatch).toBe(matching)
  const all = pairs.every(([concept]) =>
    pairs.every(([, text]) => pairs.some(([c, t]) => c === concept && t === text)),
  )
  expect(tally.allMatch).toBe(all)
})
