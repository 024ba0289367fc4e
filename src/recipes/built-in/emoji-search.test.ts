import { expect, it } from 'vitest'
import { parseSpace } from '../../compression/index.ts'
import { parseRecipe } from '../recipe/parse.ts'
import { builtIn } from '../recipe/registry.ts'
import { ownValues, requireFits } from '../run/search-values.ts'
import { emojiSearch, emojiSpace } from './emoji-search.ts'

const space = parseSpace(emojiSpace())

it('the recipe takes every draw of its space', () => {
  expect(requireFits({ draft: emojiSearch(), assignments: [], registry: builtIn }, space, 1)).toBe(1)
})

it('the space has the sizes that the recipe has', () => {
  expect(Object.keys(ownValues(parseRecipe(emojiSearch()), space))).toEqual(Object.keys(space))
})
