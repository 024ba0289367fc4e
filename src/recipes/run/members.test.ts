import { expect, test } from 'vitest'
import { membersOf } from '../../../test/training/members.ts'
import { parseRecipe } from '../recipe/parse.ts'
import { requireSameRecipe } from './members.ts'

const recipe = (learningRate: number, threads: number) =>
  parseRecipe({
    name: 'photos',
    data: { kind: 'folder', directory: 'photos' },
    model: { model_type: 'clip' },
    optimizer: { kind: 'adamW', learningRate },
    ...{ schedule: { kind: 'constant' }, batches: { size: 8 }, epochs: 1, machine: { threads } },
  })

test('members with another recipe are refused by the value that differs, those on another machine are not', async () => {
  const compare = (...recipes: ReturnType<typeof recipe>[]) => {
    const members = membersOf(recipes.length)
    return Promise.allSettled(recipes.map((each, rank) => requireSameRecipe(each, members[rank]!)))
  }
  const results = await compare(recipe(1e-3, 1), recipe(1e-3, 4), recipe(1e-2, 1))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  expect(results[2]).toMatchObject({
    reason: {
      code: 'mpi/recipe',
      message: expect.stringMatching(/optimizer\.learningRate is 0\.01 for rank 2, and 0\.001 for rank 0/),
    },
  })
})
