import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { evaluateSuite } from '../../src/recipes/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

const jsonOf = (file: string) => JSON.parse(readFileSync(file, 'utf8'))

describe('evaluate --suite', () => {
  let home: string
  let run: string
  let suite: string

  beforeAll(async () => {
    const recipe = await shapesRecipe()
    home = recipe.home
    run = join(home, 'run')
    const argv = ['--out', run, '--set', 'validation.everyEpochs=20', '--set', 'tests={}']
    const trained = await visuomotor('train', recipe.file, ...argv)
    expect(trained.code, trained.notes).toBe(0)
    suite = join(home, 'suite.mjs')
    const data = { kind: 'folder', directory: join(home, 'shapes') }
    const tests = { shapes: { data, evaluators: [{ kind: 'retrieval' }, { kind: 'objective' }] } }
    writeFileSync(suite, `export default () => (${JSON.stringify({ name: 'mine', seed: 3, tests })})\n`)
  })

  const evaluated = async (...argv: string[]) => {
    const told = await visuomotor('evaluate', run, '--suite', suite, ...argv)
    expect(told.code, told.notes).toBe(0)
    return told
  }

  test('writes numbers with intervals, a page with pictures, and lines for CLIP_benchmark', async () => {
    const out = join(home, 'out')
    const lines = join(home, 'lines.jsonl')
    const told = await evaluated('--out', out, '--clip-benchmark', lines)
    expect(told.result).toMatch(/shapes +retrieval +Image to text · R@1 +[\d.]+ % +[\d.]+ to [\d.]+ % +24/)
    const found = jsonOf(join(out, 'evaluation.json'))
    const { retrieval, objective } = found.tests.shapes
    expect(retrieval.metrics['gallery.captions']).toEqual({ value: 48, count: 48 })
    const { value, interval } = retrieval.metrics['imageToText.R@1']
    expect(interval[0]).toBeLessThanOrEqual(value)
    expect(interval[1]).toBeGreaterThanOrEqual(value)
    expect(objective.metrics['imageToText.R@1'].value).toBe(value)
    const { values, ids } = retrieval.samples['imageToText.R@1']
    expect(values.reduce((sum: number, each: number) => sum + each, 0) / 24).toBeCloseTo(value, 10)
    expect(new Set(ids).size).toBe(24)
    expect(found.provenance).toMatchObject({ seed: 3, data: { shapes: { samples: 24 } } })
    expect(found.provenance.command[0]).toBe('evaluate')
    expect(Object.keys(found.provenance.model)).toEqual(
      expect.arrayContaining(['config.json', 'tokenizer.json', 'checkpoints/40/model.safetensors']),
    )
    expect(readFileSync(join(out, 'evaluation.html'), 'utf8')).toContain('data:image/png;base64,')
    expect(JSON.parse(readFileSync(lines, 'utf8'))).toMatchObject({
      ...{ dataset: 'shapes', model: 'clip', pretrained: 'run', task: 'zeroshot_retrieval', language: 'en' },
      metrics: { 'text_retrieval_recall@1': value / 100 },
    })
  })

  test('is verified bit for bit, and a changed number is found', async () => {
    const out = join(home, 'verified')
    await evaluated('--out', out)
    const file = join(out, 'evaluation.json')
    const same = await visuomotor('evaluate', '--verify', file)
    expect(same, same.notes).toMatchObject({ code: 0, result: expect.stringContaining('bit for bit') })
    const changed = jsonOf(file)
    changed.tests.shapes.retrieval.metrics['textToImage.MeanR'].value += 1e-12
    changed.provenance.data.shapes.sha256 = 'other'
    writeFileSync(file, JSON.stringify(changed))
    const other = await visuomotor('evaluate', '--verify', file)
    expect(other.code).toBe(1)
    expect(other.result).toMatch(/^the data set 'shapes' was other \(24 samples\)/)
    expect(other.result).toMatch(/tests\.shapes\.retrieval\.metrics\.textToImage\.MeanR was [\d.]+, and is/)
    expect(other.result.split('\n')).toHaveLength(2)
  })

  test('keeps an earlier evaluation, and features for the next one', async () => {
    const [out, features] = [join(home, 'again'), join(home, 'features')]
    await evaluated('--out', out, '--keep-features', features)
    const first = readFileSync(join(out, 'evaluation.json'), 'utf8')
    const again = await evaluated('--out', out, '--keep-features', features)
    expect(again.notes).toContain(`the earlier one is now ${join(out, 'evaluation.1.json')}`)
    expect(readFileSync(join(out, 'evaluation.1.json'), 'utf8')).toBe(first)
    expect(jsonOf(join(out, 'evaluation.json')).tests).toEqual(JSON.parse(first).tests)
  })

  test('writes what is finished when an evaluator fails, names the failed one, and ends with 1', async () => {
    const data = { kind: 'folder', directory: join(home, 'shapes') }
    const tests = {
      shapes: { data, evaluators: [{ kind: 'retrieval' }, { kind: 'zeroShot', label: 'kind' }] },
    }
    const file = join(home, 'failing.json')
    writeFileSync(file, JSON.stringify({ name: 'failing', tests }))
    const out = join(home, 'failed')
    const told = await visuomotor('evaluate', run, '--suite', file, '--out', out)
    expect(told.code).toBe(1)
    expect(told.notes).toMatch(
      /shapes, zeroShot failed \(evaluation\/no-class-label\): .*\n.*not measured: zeroShot of shapes/,
    )
    const found = jsonOf(join(out, 'evaluation.json'))
    expect(Object.keys(found.tests.shapes)).toEqual(['retrieval'])
    expect(found.failed).toMatchObject([{ test: 'shapes', evaluator: 'zeroShot' }])
    expect(readFileSync(join(out, 'evaluation.html'), 'utf8')).toContain('Not measured')
    const verified = await visuomotor('evaluate', '--verify', join(out, 'evaluation.json'))
    expect(verified, verified.notes).toMatchObject({ code: 0 })
  })

  test('compares a run with its own bundle: no sample differs', async () => {
    const bundle = join(home, 'bundle')
    expect((await visuomotor('export', run, '--out', bundle)).code).toBe(0)
    const out = join(home, 'compared')
    const told = await visuomotor('evaluate', '--compare', run, bundle, '--suite', suite, '--out', out)
    expect(told.code, told.notes).toBe(0)
    const { 'imageToText.R@1': compared } = jsonOf(join(out, 'comparison.json')).tests.shapes.retrieval
      .metrics
    expect(compared.paired).toEqual({
      ...{ difference: 0, interval: [0, 0], pairs: 24 },
      mcNemar: { onlyFirst: 0, onlySecond: 0, p: 1 },
    })
  })

  test('takes the suite of the docs, in TypeScript', async () => {
    for (const place of ['studio', 'warehouse']) await drawShapes(join(home, 'photos', place))
    const before = process.cwd()
    process.chdir(home)
    try {
      const { default: products } = await import('../../examples/evaluation/suite.ts')
      const { aggregate } = await evaluateSuite(run, products)
      expect(aggregate['retrieval/imageToText.R@1']).toMatchObject({ tests: 2, spread: 0 })
    } finally {
      process.chdir(before)
    }
  })

  test.each([
    [['MODEL', '--suite', 'emoji', '--data', 'emoji:train'], 'a suite names its own data'],
    [['MODEL', '--keep-features', 'x'], '--keep-features is for a suite: add --suite'],
    [[], 'name the model'],
    [['MODEL', '--verify', 'x.json'], '--verify takes the model from the file'],
    [['--verify', 'x.json', '--threads', '1'], 'leave out --threads'],
    [['--verify', 'x.json', '--out', 'x'], '--verify writes no files'],
    [['--compare', 'a', 'b'], '--compare needs a --suite'],
    [['--compare', 'a', '--suite', 'emoji'], '--compare takes two models, not 1'],
    [['--compare', 'a', 'b', '--suite', 'emoji', '--checkpoint', 'last'], 'leave out --checkpoint'],
  ])('refuses %j', async (argv, words) => {
    const { code, notes } = await visuomotor('evaluate', ...argv)
    expect(code).toBe(2)
    expect(notes).toContain('cli/options')
    expect(notes).toContain(words)
  })

  test('names the nearest suite, evaluator and key', async () => {
    const unknown = await visuomotor('evaluate', run, '--suite', 'emojy')
    expect(unknown).toMatchObject({ code: 2, notes: expect.stringContaining("did you mean 'emoji'?") })
    const file = join(home, 'wrong.json')
    const data = { kind: 'folder', directory: 'x', caption: ['a'], labls: {} }
    const tests = { shapes: { data, evaluators: [{ kind: 'retreival' }] } }
    writeFileSync(file, JSON.stringify({ name: 'wrong', tests, sed: 1 }))
    const { code, notes } = await visuomotor('evaluate', run, '--suite', file)
    expect(code).toBe(2)
    expect(notes).toContain(
      "tests.shapes.evaluators.0.kind: there is no 'retreival'; did you mean 'retrieval'?",
    )
    expect(notes).toContain("tests.shapes.data.labls: there is no such key; did you mean 'labels'?")
    expect(notes).toContain("sed: there is no such key; did you mean 'seed'?")
  })
})
