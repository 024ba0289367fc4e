import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { parseExperiment, recipes } from '../recipes/index.ts'

const home = mkdtempSync(join(tmpdir(), 'cli-data-'))
afterAll(() => rmSync(home, { recursive: true }))

const photos = join(home, 'photos')
const inspect = async (...argv: string[]) => {
  const { code, result, notes } = await visuomotor('data', 'inspect', ...argv, '--json')
  expect(code, notes).toBe(0)
  return JSON.parse(result)
}

beforeAll(async () => {
  mkdirSync(photos)
  await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } }).toFile(
    join(photos, 'a.png'),
  )
  const rows = [
    { file: 'a.png', caption: 'red' },
    { file: 'b.png', caption: 'missing' },
  ]
  writeFileSync(join(photos, 'captions.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'))
})

describe('data inspect', () => {
  test('prints tables that name what cannot be read', async () => {
    const { code, result } = await visuomotor('data', 'inspect', `folder:${photos}`)
    expect(code).toBe(0)
    expect(result).toMatch(/^Samples +1$/m)
    expect(result).toMatch(/^Frequent sizes +30 × 20 \(1\)$/m)
    expect(result).toMatch(/^Width in pixels +30 +30 +30 +30 +30 +30\.0$/m)
    expect(result).toMatch(/^data\/missing-image +.*captions\.jsonl:2: there is no image/m)
  })

  test('prints the same of a recipe file and of a run', async () => {
    const expected = await inspect(`folder:${photos}`)
    expect(expected).toMatchObject({ samples: 1, unreadable: { count: 1 } })
    const data = { source: 'folder', directory: photos }
    const recipe = parseExperiment({ ...recipes.emoji!(), data })
    const run = join(home, 'run')
    mkdirSync(run)
    writeFileSync(join(run, 'recipe.json'), JSON.stringify(recipe))
    expect(await inspect(run)).toEqual(expected)
    expect(await inspect(join(run, 'recipe.json'))).toEqual(expected)
  })

  test.each([
    ['nothing', /nothing is no source, run or recipe.*emoji-long/],
    ['folders:x', /did you mean "folder"/],
  ])('%s is wrong usage', async (text, message) => {
    const { code, notes } = await visuomotor('data', 'inspect', text)
    expect(code).toBe(2)
    expect(notes).toMatch(message)
  })
})
