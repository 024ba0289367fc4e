import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../src')
const rows = /^models\/(clip|siglip|policy)\//
const files = (readdirSync(root, { recursive: true }) as string[])
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !rows.test(file))

it.each([
  ['which family a model has', /model_type\s*[!=]==?|\bcase '(clip|siglip|visuomotor_policy)'/],
  ['which kind a head has', /\bhead\.kind\b/],
])('nothing outside a row asks %s', (_, question) => {
  expect(files.length).toBeGreaterThan(300)
  const asking = files.filter((file) => question.test(readFileSync(join(root, file), 'utf8')))
  expect(asking).toEqual([])
})
