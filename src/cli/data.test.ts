import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { visuomotor } from '../../test/support/captured-output.ts'
import { parseRecipe, recipes } from '../recipes/index.ts'

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
    expect(result).not.toContain('--on-bad-sample') // which this command, going through all of them, does not have
  })

  test('prints the same of a recipe file and of a run', async () => {
    const expected = await inspect(`folder:${photos}`)
    expect(expected).toMatchObject({ samples: 1, unreadable: { count: 1 } })
    const data = { kind: 'folder', directory: photos }
    const recipe = parseRecipe({ ...recipes.emoji!(), data })
    const run = join(home, 'run')
    mkdirSync(run)
    writeFileSync(join(run, 'recipe.json'), JSON.stringify(recipe))
    expect(await inspect(run)).toEqual(expected)
    expect(await inspect(join(run, 'recipe.json'))).toEqual(expected)
  })

  test.each([
    ['nothing', /nothing is no source, run or recipe.*emoji-long/],
    ['folders:x', /did you mean 'folder'/],
    ['lerobot:robot?episodes=0:3', /reads a whole data set: leave 'episodes' out/],
  ])('%s is wrong usage', async (text, message) => {
    const { code, notes } = await visuomotor('data', 'inspect', text)
    expect(code).toBe(2)
    expect(notes).toMatch(message)
  })
})

describe('data preview', () => {
  const page = join(home, 'preview.html')
  const preview = (...argv: string[]) => visuomotor('data', 'preview', ...argv, '--out', page)

  test('writes a page of a source and names what was left out', async () => {
    const { code, result, notes } = await preview(`folder:${photos}`, '--draws', '2')
    expect(code, notes).toBe(0)
    expect(result.trim()).toBe(page)
    expect(notes).toMatch(/left out: .*captions\.jsonl:2: there is no image/)
    const markup = readFileSync(page, 'utf8')
    expect(markup).toContain('“red”')
    expect(markup).toContain('<b>randomResizedCrop</b><span>left ')
    expect(markup).toMatch(/<li>.*captions\.jsonl:2: there is no image/)
    expect(markup.match(/<b>epoch \d<\/b>/g)).toEqual(['<b>epoch 0</b>', '<b>epoch 1</b>'])
  })

  test('shows the transforms of a recipe', async () => {
    const data = { kind: 'folder', directory: photos }
    const file = join(home, 'recipe.json')
    const mix = [{ kind: 'mixUp' }]
    writeFileSync(file, JSON.stringify(parseRecipe({ ...recipes.emoji!(), data, mix })))
    const { code, result, notes } = await preview(file, '--samples', '1', '--json')
    expect(code, notes).toBe(0)
    expect(JSON.parse(result)).toMatchObject({ page, samples: ['a.png'], leftOut: [] })
    const markup = readFileSync(page, 'utf8')
    expect(markup).toMatch(/<b>randomAffine<\/b><span>degrees -?\d/)
    expect(markup).not.toContain('horizontalFlip')
  })

  test.each([
    [['nothing'], /no source, run or recipe/],
    [['emoji', '--samples', '0'], /whole number from 1 on/],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, notes } = await preview(...argv)
    expect(code).toBe(2)
    expect(notes).toMatch(message)
  })
})

describe('data split', () => {
  const pictures = join(home, 'pictures')
  const source = `folder:${pictures}?captions=all.csv&caption=text`

  beforeAll(() => {
    mkdirSync(pictures)
    const names = Array.from({ length: 10 }, (_, i) => `${i}.png`)
    for (const name of names) writeFileSync(join(pictures, name), name)
    writeFileSync(
      join(pictures, 'all.csv'),
      `file,text\n${names.map((name) => `${name},a ${name}\n`).join('')}`,
    )
  })

  test('writes a captions file for each part beside the whole, and says how to go on', async () => {
    const { code, result, notes } = await visuomotor('data', 'split', source, '--validation', '0.2', '--json')
    expect(code, notes).toBe(0)
    const part = (name: string, count: number) => ({
      name,
      pictures: count,
      rows: count,
      file: join(pictures, `all-${name}.csv`),
    })
    expect(JSON.parse(result)).toEqual({ parts: [part('test', 1), part('validation', 2), part('train', 7)] })
    const train = `folder:${pictures}?captions=all-train.csv&caption=text`
    expect(notes).toBe(`look at what is trained on: visuomotor data inspect "${train}"`)
    expect((await inspect(train)).unreadable.count).toBe(7) // they are no real images
    const again = await visuomotor('data', 'split', source, '--validation', '0.2')
    expect(again.result).toMatch(/^train +7 +7 +.*all-train\.csv$/m)
  })

  test('writes over no other file', async () => {
    const file = join(pictures, 'all-test.csv')
    writeFileSync(file, 'mine')
    rmSync(join(pictures, 'all-train.csv'))
    const { code, notes } = await visuomotor('data', 'split', source)
    expect([code, readFileSync(file, 'utf8')]).toEqual([2, 'mine'])
    expect(notes).toContain(`there is another ${file} already, and nothing was written`)
    expect(existsSync(join(pictures, 'all-train.csv'))).toBe(false)
  })

  test.each([
    [['emoji:train'], /no captions file to split/],
    [[source, '--test', '1'], /fraction from 0 to less than 1/],
    [[source, '--test', '0.6', '--validation', '0.6'], /nothing is left to train on/],
  ])('%j is wrong usage', async (argv, message) => {
    const { code, notes } = await visuomotor('data', 'split', ...argv)
    expect(code).toBe(2)
    expect(notes).toMatch(message)
  })
})
