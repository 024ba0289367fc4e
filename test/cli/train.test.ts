import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { availableDevices, deviceNames } from '../../src/engine/index.ts'
import { type Captured, visuomotor } from '../support/captured-output.ts'
import { hashOf } from '../support/hash-of.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'
import { readTensorBoardEvents } from '../support/tensorboard-events.ts'

const contentOf = (...path: string[]) => readFileSync(join(...path), 'utf8')
const weightsOf = (run: string) => hashOf(join(run, 'checkpoints/40/model.safetensors'))
/** Nested numbers by their paths, as TensorBoard's tags and float32. */
const scalarsOf = (numbers: object, path: readonly string[] = []): Record<string, number> =>
  Object.assign(
    {},
    ...Object.entries(numbers).map(([name, value]) =>
      typeof value === 'number'
        ? { [[...path, name].join('/')]: Math.fround(value) }
        : scalarsOf(value, [...path, name]),
    ),
  )
const isEvents = (name: string) => name.startsWith('events.out.tfevents.')

describe('a trained run', () => {
  let home: string
  let file: string
  let run: string
  let told: Captured

  beforeAll(async () => {
    ;({ home, file } = await shapesRecipe())
    run = join(home, 'run')
    told = await visuomotor('train', file, '--out', run)
    expect(told.code, told.notes).toBe(0)
  })

  test('has everything in its directory', () => {
    const names = readdirSync(run)
    expect(names.filter(isEvents)).toHaveLength(1)
    expect(names.filter((name) => !isEvents(name)).sort()).toEqual([
      'checkpoints',
      'config.json',
      'examples.json',
      'metrics.jsonl',
      'preprocessor_config.json',
      'recipe.json',
      'report.html',
      'summary.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    const checkpoint = ['model.safetensors', 'optimizer.safetensors', 'state.json']
    expect(readdirSync(join(run, 'checkpoints/40')).sort()).toEqual(checkpoint)
  })

  test('has one JSON object a line in metrics.jsonl, one for each fifth step and each validation', () => {
    const lines = contentOf(run, 'metrics.jsonl').trimEnd().split('\n')
    const records = lines.map((line) => JSON.parse(line) as { step: number; loss?: number })
    const steps = (logged: boolean) =>
      records.filter((record) => 'loss' in record === logged).map(({ step }) => step)
    expect(steps(true)).toEqual([5, 10, 15, 20, 25, 30, 35, 40])
    expect(steps(false)).toEqual([10, 20, 30, 40])
  })

  test('tells TensorBoard every number of metrics.jsonl at its step', () => {
    const [version, start, ...events] = readTensorBoardEvents(join(run, readdirSync(run).find(isEvents)!))
    expect(version).toMatchObject({ fileVersion: 'brain.Event:2', wallTime: expect.any(Number) })
    expect(start).toMatchObject({ step: 1, sessionLog: { status: 1 } })
    const told = events.map(({ step, summary }) => [
      step,
      Object.fromEntries(summary!.value.map(({ tag, simpleValue }) => [tag, simpleValue])),
    ])
    const logged = contentOf(run, 'metrics.jsonl').trimEnd().split('\n')
    expect(told).toEqual(
      logged.map((line) => {
        const { step, ...record } = JSON.parse(line)
        // A validation is one record: its metrics, and the epoch beside them.
        return [
          step,
          scalarsOf('validation' in record ? { validation: record.validation } : { train: record }),
        ]
      }),
    )
    expect(Object.keys(told[0]![1]!)).toEqual(
      expect.arrayContaining(['train/loss', 'train/dataWaitFraction']),
    )
    expect(Object.keys(told.at(-1)![1]!)).toContain('validation/imageToText/R@1')
    const times = [version!, start!, ...events].map(({ wallTime }) => wallTime)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(Math.abs(times[0]! - Date.now() / 1000)).toBeLessThan(3600)
  })

  test('tells the table, the report and what to do next', async () => {
    expect(told.result).toMatch(/Shapes +image → text .*\n.*text → image/)
    expect(told.notes).toContain(`report: ${join(run, 'report.html')}`)
    const [, words] = told.notes.match(/next: npx visuomotor (search .*)$/)!
    expect(words).toContain(`--images ${join(home, 'shapes')}`)
    const [search, model, query, flag, images] = words!.match(/"[^"]*"|\S+/g)!
    const found = await visuomotor(search!, model!, JSON.parse(query!), flag!, images!, '--top', '3')
    expect(found.code, found.notes).toBe(0)
    expect(found.result.split('\n')).toHaveLength(5)
  })

  test('gives its report again, byte for byte', async () => {
    const before = contentOf(run, 'report.html')
    writeFileSync(join(run, 'report.html'), '')
    expect(await visuomotor('report', run)).toMatchObject({ code: 0, result: join(run, 'report.html') })
    expect(contentOf(run, 'report.html')).toBe(before)
    expect(before).toContain('Shapes: captions ask for images')
    expect(before).toContain('data:image/png;base64,')
  })

  test('is laid over another run, and over itself not', async () => {
    const other = join(home, 'other')
    for (const name of ['metrics.jsonl', 'summary.json']) cpSync(join(run, name), join(other, name))
    const recipe = JSON.parse(contentOf(run, 'recipe.json'))
    writeFileSync(join(other, 'recipe.json'), JSON.stringify({ ...recipe, seed: 8 }))
    const out = join(home, 'both.html')
    expect(await visuomotor('report', run, other, '--out', out)).toMatchObject({ code: 0, result: out })
    const page = readFileSync(out, 'utf8')
    expect(page).toContain('<h1>run and other</h1>')
    expect(page).toContain('Shapes · Image to text · R@1')
    expect(page).toMatch(
      /<code>seed<\/code><\/td><td class="text"><code>\d+<\/code><\/td><td class="text"><code>8</,
    )
    const twice = await visuomotor('report', run, join(other, '../run'), '--out', out)
    expect(twice).toMatchObject({ code: 2 })
    expect(twice.notes).toContain('error [run/twice]')
  })

  test('is trained again by its recipe.json, bit by bit, and moved aside for it', async () => {
    const before = weightsOf(run)
    const again = await visuomotor('train', join(run, 'recipe.json'), '--out', run, '--json')
    expect(again.notes).toContain(`the earlier run is now in ${run}.1`)
    expect(weightsOf(run)).toBe(before)
    expect(weightsOf(`${run}.1`)).toBe(before)
    expect(JSON.parse(again.result)).toMatchObject({
      directory: run,
      steps: 40,
      badSamples: 0,
      results: { shapes: { gallery: 24, captions: 48 } },
    })
  })

  test.each([
    [
      'a device that is not there',
      ['--device', deviceNames.find((name) => !availableDevices().includes(name))!],
    ],
    ['a pattern that fits no weight', ['--set', 'parameters=[{"pattern":"nowhere"}]']],
    ['data that is not there', ['--set', 'data.directory=nowhere']],
  ])('stays where it is when the next one cannot begin: %s', async (_, argv) => {
    const before = readdirSync(home).sort()
    const { code, notes } = await visuomotor('train', file, '--out', run, ...argv)
    expect(code, notes).not.toBe(0)
    expect(readdirSync(home).sort()).toEqual(before)
  })

  test('counts captions that are longer than its texts, and says so', async () => {
    const out = join(home, 'short-texts')
    const set = ['--set', 'model.text_config.max_position_embeddings=3', '--set', 'epochs=2']
    const { code, notes } = await visuomotor('train', file, '--out', out, ...set)
    expect(code, notes).toBe(0)
    expect(notes).toContain('24 of 24 captions are longer than 3 tokens and were cut')
    expect(JSON.parse(contentOf(out, 'summary.json')).captions).toEqual({ read: 24, cut: 24 })
    expect(JSON.parse(contentOf(run, 'summary.json')).captions).toEqual({ read: 24, cut: 0 })
    expect(told.notes).not.toContain('were cut')
  })

  test('differs with another seed, and is finished by the values that were set', async () => {
    const out = join(home, 'seeded')
    const argv = ['--seed', '8', '--set', 'validation.everyEpochs=20', '--set', 'tests={}', '--out', out]
    expect(await visuomotor('train', file, ...argv)).toMatchObject({ code: 0, result: '' })
    expect(JSON.parse(contentOf(out, 'recipe.json'))).toMatchObject({
      seed: 8,
      validation: { everyEpochs: 20 },
    })
    expect(weightsOf(out)).not.toBe(weightsOf(run))
  })
})

describe('a run in float16', () => {
  test('logs and keeps its loss scale, and goes on with it', async () => {
    const { home, file } = await shapesRecipe()
    const run = join(home, 'run')
    const half = await visuomotor('train', file, '--out', run, '--set', 'machine.precision=float16')
    expect(half.code, half.notes).toBe(0)
    const [record] = contentOf(run, 'metrics.jsonl').split('\n')
    const { lossScale, skipped } = JSON.parse(record!) as Record<string, number>
    expect(lossScale).toBeGreaterThan(100)
    expect(skipped).toBeLessThan(1)
    const stateOf = (step: number) => JSON.parse(contentOf(run, `checkpoints/${step}/state.json`))
    expect(stateOf(40).lossScale.skippedSteps).toBeLessThan(10)

    const [weights, state] = [weightsOf(run), stateOf(40).lossScale]
    rmSync(join(run, 'checkpoints/40'), { recursive: true })
    const resumed = await visuomotor('train', '--resume', '--out', run)
    expect(resumed.code, resumed.notes).toBe(0)
    expect(weightsOf(run)).toBe(weights)
    expect(stateOf(40).lossScale).toEqual(state)
  })
})

describe('train takes', () => {
  const prepared = async (source: string, extension: string) => {
    const { home } = await shapesRecipe()
    const file = join(home, `own${extension}`)
    writeFileSync(file, source)
    return { file, out: join(home, 'run') }
  }

  test('a recipe in TypeScript', async () => {
    const { file } = await prepared(
      "const name: string = 'not a name'\nexport default async (): Promise<unknown> => ({ name })\n",
      '.ts',
    )
    const { code, notes } = await visuomotor('train', file)
    expect(code).toBe(2)
    expect(notes).toContain('name: letters, digits, dots and dashes only')
  })

  test.each([
    ['.mjs', 'export default {', 'cannot be read as a recipe'],
    ['.mjs', "export default () => { throw new Error('no luck') }", 'no luck'],
    ['.mjs', 'export const recipe = {}', 'this recipe is not valid'],
    [
      '.mjs',
      "import 'visuomotor'",
      'which is not installed where the file is. Install this one there: npm install',
    ],
    ['.mjs', "import 'visuomotor-cousin'", "Cannot find package 'visuomotor-cousin'"],
    ['.json', '{', 'cannot be read as a recipe'],
  ])('no broken one: %s %j', async (extension, source, message) => {
    const { file } = await prepared(source, extension)
    const { code, notes } = await visuomotor('train', file)
    expect(code).toBe(2)
    expect(notes).toContain(message)
  })

  test.each([
    [['train'], /name a recipe: emoji/],
    [['train', 'emojy'], /there is no recipe 'emojy'; did you mean 'emoji'\?/],
    [['train', 'nowhere.ts'], /there is no recipe file .*nowhere\.ts/],
    [['train', 'emoji', '--sed', '1'], /unknown option '--sed' \(did you mean .*--seed/],
    [['train', 'emoji', '--set', 'batchs.size=1'], /no key 'batchs'; did you mean 'batches'\?/],
    [['train', 'emoji', '--set', 'optimizer.beta=1'], /no option 'beta'; did you mean 'beta[12]'\?/],
    [['train', 'emoji', '--seed', 'lucky'], /seed: /],
    [['train', 'emoji', '--device', 'gpu'], /cpu, webgpu/],
    [['train', 'emoji', '--set', 'machine.precision=float8'], /machine.precision: .*"float32"\|"float16"/],
    [['train', 'emoji', '--on-bad-sample', 'ignore'], /fail, skip/],
    [['train', '--resume'], /--out DIRECTORY/],
    [['train', 'emoji', '--resume', '--seed', '1'], /leave out 'seed=1'/],
    [['train', '--resume', '--out', 'src'], /src is not the directory of a run/],
    [['report', 'src'], /src is not the directory of a run/],
    [['train', 'emoji', '--out', 'src'], /src exists and is not a run/],
    [['train', 'emoji', '--out', 'package.json'], /package\.json is a file, and a run needs a directory/],
  ])('%j for wrong usage', async (argv, message) => {
    const { code, result, notes } = await visuomotor(...argv)
    expect(code).toBe(2)
    expect(result).toBe('')
    expect(notes).toMatch(message)
  })
})

describe('bad samples', () => {
  const [missing, empty, broken] = [
    '{"file": "missing.png", "caption": "a missing picture"}',
    '{"file": "red-circle.png", "caption": " "}',
    '{"file": "captions.jsonl", "caption": "no picture at all"}',
  ]

  test.each([
    ['a missing image', [missing], 'data/missing-image'],
    ['an empty caption', [missing, empty].slice(1), 'data/empty-caption'],
    ['a file that is no image', [broken], 'data/unreadable-image'],
  ])('end the run with file and line: %s', async (_, rows, errorCode) => {
    const { home, file } = await shapesRecipe(rows)
    const { code, result, notes } = await visuomotor('train', file, '--out', join(home, 'run'))
    expect({ code, result }).toEqual({ code: 1, result: '' })
    expect(notes).toMatch(new RegExp(`error \\[${errorCode}\\]: .*captions\\.jsonl:25`))
    expect(notes).toContain('--on-bad-sample skip')
  })

  test('are left out, counted and listed on request', async () => {
    const { home, file } = await shapesRecipe([missing, empty, broken])
    const out = join(home, 'run')
    const argv = ['--on-bad-sample', 'skip', '--set', 'epochs=6', '--out', out]
    const { code, notes } = await visuomotor('train', file, ...argv)
    expect(code, notes).toBe(0)
    expect(JSON.parse(contentOf(out, 'summary.json'))).toMatchObject({
      badSamples: 3,
      results: { shapes: { gallery: 24 } },
    })
    const listed = contentOf(out, 'bad-samples.jsonl').trimEnd().split('\n')
    expect(listed.map((line) => JSON.parse(line).line).sort()).toEqual([25, 26, 27])
    expect(notes).toContain(`3 bad samples, listed in ${join(out, 'bad-samples.jsonl')}`)
  })
})
