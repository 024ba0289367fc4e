import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConfigError, random } from '../../core/index.ts'
import { augmentText, type TextTransform, textTransforms } from './augment.ts'
import { paraphrase } from './paraphrase.ts'
import { synonyms } from './synonyms.ts'
import { typos } from './typos.ts'

const all = [synonyms(), paraphrase(), typos()]
const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('Pick up', 'the', 'a', 'red', 'cup', 'robot', '2', '.'))
    .map((words) => words.join(' ')),
)

describe('augmentText', () => {
  test('gives the same text for the same seed', () => {
    fc.assert(
      fc.property(texts, fc.integer(), (text, seed) => {
        expect(augmentText(text, all, random(seed, 'text'))).toBe(
          augmentText(text, all, random(seed, 'text')),
        )
      }),
      { seed: 7 },
    )
  })

  test('gives the text itself at probability 0, and without transforms', () => {
    const never = [
      synonyms({ probability: 0 }),
      paraphrase({ probability: 0 }),
      typos({ probability: 0 }),
      typos({ probability: 1, rate: 0 }),
    ]
    fc.assert(
      fc.property(texts, fc.integer(), (text, seed) => {
        expect(augmentText(text, never, random(seed))).toBe(text)
        expect(augmentText(text, [], random(seed))).toBe(text)
      }),
      { seed: 7 },
    )
  })

  test('works in the order given', () => {
    const rename = synonyms({ probability: 1, table: { cup: ['mug'] } })
    const frame = paraphrase({ probability: 1, templates: { descriptions: ['cup: {}'], commands: ['{}'] } })
    expect(augmentText('a cup', [rename, frame], random(0))).toBe('cup: a mug')
    expect(augmentText('a cup', [frame, rename], random(0))).toBe('mug: a mug')
  })

  test('is the same after a recipe was written and read, and in a worker', () => {
    const list = [...all, synonyms({ table: { cup: ['mug'] } })]
    const read = textTransforms(JSON.parse(JSON.stringify(list)))
    expect(read).toEqual(list)
    expect(structuredClone(list)).toEqual(list)
    for (let seed = 0; seed < 50; seed++) {
      const text = 'Pick up the cup and give it to a robot.'
      expect(augmentText(text, read, random(seed))).toBe(augmentText(text, list, random(seed)))
    }
  })
})

describe('textTransforms', () => {
  test('fills in the defaults of the record', () => {
    expect(textTransforms([{ kind: 'synonyms' }, { kind: 'paraphrase' }, { kind: 'typos' }])).toEqual([
      { kind: 'synonyms', probability: 0.5 },
      { kind: 'paraphrase', probability: 0.3 },
      { kind: 'typos', probability: 0.1, rate: 0.05 },
    ])
  })

  test('names the nearest transform and key', () => {
    expect(() => textTransforms([{ kind: 'synonym' }])).toThrow(
      /no text transform "synonym"; did you mean 'synonyms'\?/,
    )
    expect(() => textTransforms([{ kind: 'toString' }])).toThrow(ConfigError)
    expect(() => textTransforms([{ transform: 'typos' } as never])).toThrow('"transform" is now "kind"')
    const wrongKey: { kind: string; probabilty: number } = { kind: 'typos', probabilty: 1 }
    expect(() => textTransforms([wrongKey])).toThrow(/did you mean 'probability'\?/)
    const unknown = [{ kind: 'shout' }] as unknown as TextTransform[]
    expect(() => augmentText('a cup', unknown, random(0))).toThrow(
      /no text transform "shout"; there are synonyms, paraphrase, typos/,
    )
  })

  test.each([-0.1, 1.1, Number.NaN])('refuses the probability %d', (probability) => {
    for (const build of [synonyms, paraphrase, typos])
      expect(() => build({ probability })).toThrow(ConfigError)
    expect(() => typos({ rate: probability })).toThrow(/typos\.rate/)
  })
})
