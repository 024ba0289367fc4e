import { describe, expect, test } from 'vitest'
import { matchPattern } from './path-pattern.ts'

const names = [
  'vision_model.embeddings.patch_embedding.weight',
  'vision_model.encoder.layers.1.mlp.fc1.weight',
  'vision_model.encoder.layers.1.mlp.fc1.bias',
  'vision_model.encoder.layers.10.mlp.fc1.bias',
  'text_model.final_layer_norm.weight',
  'logit_scale',
]

describe('a pattern matches', () => {
  test.each([
    ['the one name it spells', 'logit_scale', [5]],
    ['across dots', '*.bias', [2, 3]],
    ['a whole tower', 'vision_model.*', [0, 1, 2, 3]],
    ['a whole tower with two stars', 'vision_model.**', [0, 1, 2, 3]],
    ['layer 1 and not layer 10', '*.layers.1.*', [1, 2]],
    ['nothing in place of a star', '*logit_scale*', [5]],
    ['everything', '*', [0, 1, 2, 3, 4, 5]],
  ])('%s: %s', (_, pattern, expected) => {
    expect(matchPattern(pattern, names)).toEqual(expected.map((index) => names[index]))
  })
})

test('a dot is a dot and a bracket a bracket', () => {
  expect(matchPattern('a.b', ['axb', 'a.b'])).toEqual(['a.b'])
  expect(matchPattern('a[0].*', ['a0.b', 'a[0].b'])).toEqual(['a[0].b'])
})

describe('a pattern that matches nothing', () => {
  const factsOf = (pattern: string, among = names) => {
    try {
      matchPattern(pattern, among)
    } catch (error) {
      return error
    }
    throw new Error(`${pattern} matched`)
  }

  test.each([
    ['a misspelt tower', 'vision_modl.*', names.slice(0, 3)],
    ['a misspelt end', '*.biass', names.slice(2, 4)],
    ['a misspelt middle', 'vision_model.encodr.layers.*.weight', names.slice(1, 4)],
    ['a path without its beginning', 'layers.1.mlp.fc1.*', names.slice(1, 3)],
    ['parts that do not come together', 'text_model.*.patch_embedding.weight', names.slice(0, 1)],
    ['a misspelt scale', 'logit_scle', names.slice(5)],
  ])('names what comes nearest to %s: %s', (_, pattern, nearest) => {
    expect(factsOf(pattern)).toMatchObject({ code: 'optim/pattern', facts: { pattern, nearest } })
  })

  test('says so in words', () => {
    expect(factsOf('logit_scle')).toMatchObject({
      message:
        "no parameter matches 'logit_scle'; nearest: logit_scale. Paths are matched as a whole: '*' stands for any characters",
    })
  })

  test('is nothing at all, or stands before a model without parameters', () => {
    expect(factsOf('')).toMatchObject({ code: 'optim/pattern' })
    expect(factsOf('*', [])).toMatchObject({ code: 'optim/pattern', facts: { nearest: [] } })
  })
})
