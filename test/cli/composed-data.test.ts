import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

const golden = join(import.meta.dirname, '../golden/parquet')

test('a recipe names sources made of sources, and data inspect looks at those of its run', async () => {
  const { home, file } = await shapesRecipe()
  const shapes = { kind: 'folder', directory: join(home, 'shapes') }
  const table = { kind: 'parquet', files: join(golden, 'hub-*.parquet'), caption: 'text' }
  const data = {
    kind: 'mix',
    of: {
      shapes: { data: { kind: 'filter', of: shapes, keep: { exceptEvery: 4 } }, weight: 2 },
      table: { data: table, weight: 1 },
    },
  }
  const validation = {
    kind: 'concat',
    of: { rest: { kind: 'filter', of: shapes, keep: { every: 4 } }, table },
  }
  const run = join(home, 'run')
  const settings = [
    `data=${JSON.stringify(data)}`,
    `validation.data=${JSON.stringify(validation)}`,
    'epochs=1',
    'data.of.table.weight=3',
  ]
  const told = await visuomotor(
    'train',
    file,
    '--out',
    run,
    ...settings.flatMap((setting) => ['--set', setting]),
  )
  expect(told.code, told.notes).toBe(0)
  const recipe = JSON.parse(readFileSync(join(run, 'recipe.json'), 'utf8'))
  expect(recipe.data).toMatchObject({
    kind: 'mix',
    seed: 0,
    of: { table: { weight: 3, data: { image: 'image' } } },
  })

  const inspected = await visuomotor('data', 'inspect', run, '--json')
  const { source, samples, unreadable } = JSON.parse(inspected.result)
  expect({ source, unreadable: unreadable.count }).toEqual({ source: 'mix(shapes, table)', unreadable: 0 })
  expect(samples).toBeGreaterThan(30)

  const typo = await visuomotor(
    'train',
    file,
    '--set',
    'data={"kind":"filter","keep":{"evry":4},"of":{"kind":"emoji","split":"train"}}',
  )
  expect(typo).toMatchObject({
    code: 2,
    notes: expect.stringMatching(/data\.keep\.evry: .*did you mean 'every'\?/),
  })
  const missing = await visuomotor(
    'train',
    file,
    '--out',
    join(home, 'other'),
    '--set',
    `data=${JSON.stringify({ ...table, caption: 'txt' })}`,
  )
  expect(missing).toMatchObject({
    code: 2,
    notes: expect.stringMatching(/no column "txt".*did you mean 'text'\?/),
  })

  const nothing = { kind: 'filter', of: table, keep: { caption: 'no such words' } }
  const emptied = [`data=${JSON.stringify(nothing)}`, 'batches.samplesPerEpoch=8']
  const empty = await visuomotor('train', file, ...emptied.flatMap((setting) => ['--set', setting]))
  expect(empty).toMatchObject({
    code: 1,
    notes: expect.stringMatching(/data\/empty-source.*source filter\(.* has no usable samples/),
  })
})
