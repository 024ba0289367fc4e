import { describe, expect, it } from 'vitest'
import { shapesRecipe } from '../../../test/support/shapes-recipe.ts'
import { float32 } from '../../core/index.ts'
import { parseRecipe } from '../recipe/parse.ts'
import { interpolateWeights } from './wise-ft.ts'
import { zerosToKeep } from './zeros-to-keep.ts'

const values = new Map([
  ['a.weight', float32([2, 2], [0, 1, 2, 3])],
  ['b.weight', float32([2, 2], [1, 1, 2, 3])],
  ['b.bias', float32([2], [0, 0])],
])
const base = 'pruned'

describe('the zeros that a run keeps', () => {
  it('are those of matrices that have any, never of vectors', () => {
    expect(zerosToKeep({ keepZeros: true, base }, values)).toEqual(['a.weight'])
    expect(zerosToKeep({ keepZeros: ['a.*'], base }, values)).toEqual(['a.weight'])
  })

  it('are refused where there are none, or a pattern matches no matrix', () => {
    const code = (code: string) => expect.objectContaining({ code })
    expect(() => zerosToKeep({ keepZeros: ['b.*'], base }, values)).toThrow(code('config/keep-zeros'))
    expect(() => zerosToKeep({ keepZeros: ['*.bias'], base }, values)).toThrow(code('optim/pattern'))
  })

  it('are those of a base, so that a recipe without one is refused, and one with adapters', async () => {
    const { file } = await shapesRecipe()
    const { default: recipe } = (await import(file)) as { default: () => object }
    expect(() => parseRecipe({ ...recipe(), keepZeros: true })).toThrow(/keepZeros: .*name one/)
    expect(() => parseRecipe({ ...recipe(), keepZeros: true, lora: {} })).toThrow(
      /adapters add to every number/,
    )
  })

  it('stay zero between base and fine-tuned model, at any alpha', () => {
    const tuned = new Map([...values, ['a.weight', float32([2, 2], [0, 5, 6, 7])] as const])
    for (const alpha of [0, 0.3, 1])
      expect(interpolateWeights(values, tuned, alpha).get('a.weight')!.data[0]).toBe(0)
  })
})
