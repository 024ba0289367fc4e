import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteAlphabet, endOfWord } from './clip-scheme.ts'
import { Tokenizer } from './tokenizer.ts'
import { trainBpe, WordCounts } from './train-bpe.ts'

const sentences = [
  'pick up the red cup',
  'put the red cup left of the blue cup',
  "the robot's gripper grasps the cup",
  'a photo of 12 cups, 3 red and 9 blue!',
]

interface Model {
  readonly vocab: Record<string, number>
  readonly merges: readonly string[]
}
const modelOf = (texts: Iterable<string>, vocabularySize: number, minimumFrequency = 2): Model =>
  trainBpe(texts, { vocabularySize, minimumFrequency }).json.model as Model

/** The algorithm without a queue: count everything anew for every merge. Words are plain ASCII letters here. */
function naiveMerges(texts: readonly string[], count: number, minimumFrequency: number): string[] {
  let words = texts
    .flatMap((text) => text.split(' ').filter(Boolean))
    .map((word) => [...word].map((letter, i) => (i === word.length - 1 ? letter + endOfWord : letter)))
  const merges: string[] = []
  const known = new Set<string>()
  while (known.size < count) {
    const frequencies = new Map<string, number>()
    for (const word of words) {
      for (let i = 1; i < word.length; i++) {
        const pair = `${word[i - 1]} ${word[i]}`
        frequencies.set(pair, (frequencies.get(pair) ?? 0) + 1)
      }
    }
    const byTokens = (a: string, b: string): number => {
      const [a0 = '', a1 = ''] = a.split(' ')
      const [b0 = '', b1 = ''] = b.split(' ')
      return a0 < b0 ? -1 : a0 > b0 ? 1 : a1 < b1 ? -1 : 1
    }
    const [best] = [...frequencies].sort((a, b) => b[1] - a[1] || byTokens(a[0], b[0]))
    if (best === undefined || best[1] < minimumFrequency) break
    if (!merges.includes(best[0])) merges.push(best[0])
    known.add(best[0].replace(' ', ''))
    words = words.map((word) => {
      const result: string[] = []
      for (let i = 0; i < word.length; i++) {
        const found = `${word[i]} ${word[i + 1]}` === best[0]
        result.push(found ? word[i]! + word[++i]! : word[i]!)
      }
      return result
    })
  }
  return merges
}

describe('trainBpe', () => {
  test('lays ids out as CLIP: bytes, bytes at the end of a word, merges, start, end', () => {
    const { vocab, merges } = modelOf(sentences, 524)
    expect(Object.keys(vocab)).toHaveLength(524)
    byteAlphabet.forEach((character, id) => {
      expect(vocab[character]).toBe(id)
      expect(vocab[character + endOfWord]).toBe(256 + id)
    })
    merges.forEach((pair, i) => {
      expect(vocab[pair.replace(' ', '')]).toBe(512 + i)
    })
    expect(vocab['<|startoftext|>']).toBe(522)
    expect(vocab['<|endoftext|>']).toBe(523)
  })

  test('begins with the alphabet of GPT-2', () => {
    expect(byteAlphabet.slice(0, 3)).toEqual(['!', '"', '#'])
    expect(byteAlphabet[188]).toBe('Ā')
    expect(new Set(byteAlphabet).size).toBe(256)
  })

  test('merges the same pairs as recounting everything does', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 9 })
    const texts = fc.array(
      fc.array(word, { maxLength: 6 }).map((words) => words.join(' ')),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(
        texts,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 3 }),
        (texts, count, least) => {
          fc.pre(texts.some((text) => text !== ''))
          expect(modelOf(texts, 514 + count, least).merges).toEqual(naiveMerges(texts, count, least))
        },
      ),
      { numRuns: 200, seed: 7 },
    )
  })

  test('does not depend on the order of the texts', () => {
    expect(trainBpe(sentences.toReversed(), { vocabularySize: 600 })).toEqual(
      trainBpe(sentences, { vocabularySize: 600 }),
    )
  })

  test('stops when no pair is frequent enough', () => {
    const { vocab } = modelOf(['cup cup mug'], 4096, 2)
    expect(Object.keys(vocab)).toHaveLength(514 + 2)
    expect(Object.keys(modelOf(['cup cup mug'], 4096, 3).vocab)).toHaveLength(514)
  })

  test('makes one token of a frequent word, whatever its case and spacing', () => {
    const files = trainBpe(['Robot  ROBOT\trobot'], { vocabularySize: 4096 })
    const tokenizer = Tokenizer.fromJson(files.json, files.config)
    expect(tokenizer.encode('rObOt', 4).attentionMask).toEqual([1, 1, 1, 0])
  })

  test('refuses a vocabulary smaller than the bytes, and texts without words', () => {
    expect(() => trainBpe(sentences, { vocabularySize: 513 })).toThrow(
      /bytes and special tokens alone are 514/,
    )
    expect(() => trainBpe(sentences, { vocabularySize: 600, minimumFrequency: 0 })).toThrow(/at least once/)
    expect(() => trainBpe([' ', ''], { vocabularySize: 600 })).toThrow(/no word/)
  })
})

test('words counted bit by bit give the same vocabulary as all texts at once', () => {
  const words = new WordCounts()
  for (const sentence of sentences) words.add([sentence])
  expect(trainBpe(words, { vocabularySize: 540 })).toEqual(trainBpe(sentences, { vocabularySize: 540 }))
})

test('texts that come again count again', () => {
  const words = new WordCounts().add(['red cup', 'a cup', 'red cup']).add(['red cup'])
  expect(Object.fromEntries(words.frequencies)).toEqual({ red: 3, cup: 4, a: 1 })
})
