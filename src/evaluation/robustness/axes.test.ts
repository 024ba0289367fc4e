import { describe, expect, test } from 'vitest'
import { random } from '../../core/index.ts'
import { augmentText, imageTransforms, textTransforms } from '../../data/index.ts'
import { meaningWords } from '../../data/text/meaning-words.ts'
import { axes, axisNames, conditionsOf } from './axes.ts'

const texts = [
  'pick up the red cup to the left of two blue balls',
  'a grinning face with big eyes',
  'put the green box behind the third bottle',
  'turn right and go to the kitchen',
  'a small robot that is not on the table',
]

/** Corrupted texts of an axis by severity, 40 of each text. */
const corrupted = (axis: 'typos' | 'paraphrase') =>
  conditionsOf([axis], [1, 2, 3, 4, 5]).map(({ variation }) =>
    texts.flatMap((text) =>
      Array.from({ length: 40 }, (_, i) => augmentText(text, variation.texts!, random(7, text, i))),
    ),
  )

const originals = texts.flatMap((text) => new Array<string>(40).fill(text))

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row.at(-1)!
}

describe('axes', () => {
  test.each(['typos', 'paraphrase'] as const)('%s are further from the text with every severity', (axis) => {
    const means = corrupted(axis).map(
      (found) => found.reduce((sum, text, i) => sum + distance(text, originals[i]!), 0) / found.length,
    )
    expect(means[0]).toBeGreaterThan(0.5)
    for (const [i, mean] of means.entries()) expect(mean).toBeGreaterThan(1.15 * (means[i - 1] ?? 0))
  })

  test('typos hit characters at their rates', () => {
    const length = originals.reduce((sum, text) => sum + text.length, 0)
    for (const [i, rate] of [0.02, 0.05, 0.1, 0.15, 0.2].entries()) {
      const edits = corrupted('typos')[i]!.reduce((sum, text, at) => sum + distance(text, originals[at]!), 0)
      // A swap is two edits of Levenshtein's, one of four.
      expect(edits / length / rate).toBeGreaterThan(0.95)
      expect(edits / length / rate).toBeLessThan(1.35)
    }
  })

  test('paraphrases keep colours, numbers, relations and directions, and change more texts with every severity', () => {
    const all = corrupted('paraphrase')
    for (const found of all) {
      for (const [i, text] of found.entries()) expect(meaningWords(text)).toEqual(meaningWords(originals[i]!))
    }
    const changed = all.map((found) => found.filter((text, i) => text !== originals[i]).length)
    expect(changed).toEqual(changed.toSorted((a, b) => a - b))
    expect(changed[0]).toBeGreaterThan(40)
    expect(changed[4]).toBeGreaterThan(150)
  })

  test('conditions are checked plain data under names of their own, noise has three of them', () => {
    const conditions = conditionsOf(axisNames, [1, 2, 3, 4, 5])
    expect(conditions).toHaveLength(38)
    expect(new Set(conditions.map(({ variation }) => variation.name)).size).toBe(38)
    expect(conditions.slice(0, 4).map(({ variation }) => variation.name)).toEqual([
      'noise-1',
      'noise-2',
      'noise-3',
      'blur-1',
    ])
    expect(axes.noise.steps.flat()).toMatchObject([
      { deviation: [0.1, 0.1] },
      { deviation: [0.2, 0.2] },
      { deviation: [0.3, 0.3] },
    ])
    for (const { variation } of conditions) {
      const { images = [], texts = [] } = JSON.parse(JSON.stringify(variation))
      expect(imageTransforms(images)).toEqual(images)
      expect(textTransforms(texts)).toEqual(texts)
      expect(images.length + texts.length).toBeGreaterThan(0)
    }
    expect(conditionsOf(['noise', 'blur'], [2, 4]).map(({ variation }) => variation.name)).toEqual([
      'noise-2',
      'blur-2',
      'blur-4',
    ])
  })
})
