import { expect, test } from 'vitest'
import type { Sample, Source } from '../../data/index.ts'
import { parseRecipe, recipes } from '../index.ts'
import { requireMismatch } from './require-mismatch.ts'

let read = 0

const sourceOf = (captions: readonly (readonly string[])[], concept?: string): Source => ({
  name: 'photos',
  async *samples() {
    for (const [i, said] of captions.entries()) {
      read = i + 1
      const image = { bytes: new Uint8Array() }
      const sample: Sample = { id: `${i}`, image, captions: said, origin: { file: 'list.csv' } }
      yield concept === undefined ? sample : { ...sample, concept }
    }
  },
})

const refusal = (source: Source, firstCaption = 0) =>
  requireMismatch(source, firstCaption).then(
    () => undefined,
    ({ code, message }) => `${code} ${message}`,
  )

test('data in which all captions are the same is refused at the start', async () => {
  expect(await refusal(sourceOf(Array(5).fill(['a cup'])))).toMatch(
    /^config\/nothing-to-compare photos has the caption "a cup" for all of its 5 samples: /,
  )
  expect(await refusal(sourceOf([['a cup', 'a red cup']]))).toMatch(/photos has one usable sample/)
  expect(await refusal(sourceOf([['a cup'], ['a pen']], 'one'))).toMatch(/samples of one concept only/)
})

test('captions that training does not read do not count', async () => {
  const source = sourceOf([
    ['a photo', 'a cup'],
    ['a photo', 'a pen'],
  ])
  expect(await refusal(source, 1)).toMatch(/"a photo"/)
  expect(await refusal(source, 0.5)).toBeUndefined()
})

test('data with a mismatch is read no further', async () => {
  expect(await refusal(sourceOf([['a'], ['a'], ['b'], ['c'], ['d']]))).toBeUndefined()
  expect(read).toBe(3)
})

test('a recipe with batches of one sample is refused by its key', () => {
  const withSize = (size: number) => ({ ...recipes.emoji!(), batches: { size } })
  expect(() => parseRecipe(withSize(1))).toThrow(/batches\.size: a contrastive loss compares/)
  expect(() => parseRecipe(withSize(2))).not.toThrow()
})
