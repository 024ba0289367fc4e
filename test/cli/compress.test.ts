import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSafetensors, readSafetensorsHeader } from '../../src/core/index.ts'
import { parseSource } from '../../src/data/index.ts'
import { readBundle, writeBundle } from '../../src/deploy/index.ts'
import { compress, evaluate } from '../../src/recipes/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

let home: string
let run: string
const at = (...path: string[]) => join(home, ...path)
const reportOf = (folder: string) => JSON.parse(readFileSync(at(folder, 'compression-report.json'), 'utf8'))
/** Measures that cost little, for compressions of this process. */
const quick = { runs: 5, seconds: 0, processes: 1 }

const zerosIn = (data: Float32Array): number => data.filter((value) => value === 0).length
const matricesOf = (folder: string) =>
  [...readBundle(folder).weights].filter(([, { shape }]) => shape.length >= 2)

beforeAll(async () => {
  let file: string
  ;({ home, file } = await shapesRecipe())
  run = at('run')
  const { code, notes } = await visuomotor('train', file, '--out', run)
  expect(code, notes).toBe(0)
})

describe('compress RUN --prune 0.3', () => {
  test('writes a bundle that works as any other, and measures all before and after', async () => {
    const { code, result, notes } = await visuomotor('compress', run, '--prune', '0.3', '--out', at('pruned'))
    expect(code, notes).toBe(0)
    for (const measure of ['R@1', 'All files', 'Zeros in matrices', 'vision_model', 'Peak memory of a'])
      expect(result).toContain(measure)
    const report = reportOf('pruned')
    expect(report.monitored).toEqual({ test: 'validation', evaluator: 'objective', path: 'imageToText.R@1' })
    const { first, second, paired } = report.quality.tests.validation.objective.metrics['imageToText.R@1']
    expect(
      [first.interval, second.interval, paired.interval].every((interval) => interval.length === 2),
    ).toBe(true)
    expect(report.speed.map(({ graph, batch }: { graph: string; batch: number }) => [graph, batch])).toEqual([
      ['model', 1],
      ['model', 32],
      ['text_model', 1],
      ['text_model', 32],
      ['vision_model', 1],
      ['vision_model', 32],
    ])
    expect(report.memory.after.value).toBeGreaterThan(30e6)
    const all = matricesOf(at('pruned'))
    const count = all.reduce((sum, [, { data }]) => sum + data.length, 0)
    expect(all.reduce((sum, [, { data }]) => sum + zerosIn(data), 0)).toBe(Math.floor(0.3 * count))
    const page = readFileSync(at('pruned', 'compression.html'), 'utf8')
    expect(page).toContain('Before and after')
    expect(page).toContain('visual_projection.weight')
    const evaluated = await visuomotor('evaluate', at('pruned'), '--data', `folder:${at('shapes')}`, '--json')
    expect(evaluated.code, evaluated.notes).toBe(0)
    expect(readdirSync(home).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('N:M sparsity', () => {
  test('is stored sparse, and read as it was', async () => {
    const sparse = { kind: 'sparsity', n: 2, m: 4, importance: 'wanda' }
    const report = await compress(run, { steps: [sparse] }, { out: at('sparse'), measure: quick })
    await writeBundle(at('dense'), readBundle(at('sparse')))
    const small = statSync(at('sparse', 'model.safetensors')).size
    expect(small).toBeLessThan(0.85 * statSync(at('dense', 'model.safetensors')).size)
    expect(report.files.after['model.safetensors']).toBe(small)
    const names = [...readSafetensorsHeader(at('sparse', 'model.safetensors')).tensors.keys()]
    expect(names).toContain('visual_projection.weight.mask')
    expect(names).not.toContain('visual_projection.weight')
    expect(readBundle(at('sparse')).weights).toEqual(readBundle(at('dense')).weights)
  })
})

describe('fine-tuning after pruning', () => {
  test('keeps the zeros, learns from the original, and is better than without', async () => {
    const steps = [
      { kind: 'prune', ratio: 0.7 },
      { kind: 'fineTune', epochs: 10, distil: true, learningRate: 1 },
    ]
    const notes: string[] = []
    const report = await compress(
      run,
      { steps },
      {
        ...{ out: at('tuned'), measure: quick, callbacks: [] },
        onNote: (text) => void notes.push(text),
      },
    )
    expect(report.numbers.after.zeros).toBeGreaterThan(0.65 * report.numbers.after.parameters)
    const base = new Map(matricesOf(`${at('tuned')}.base`))
    let moved = 0
    for (const [name, { data }] of matricesOf(at('tuned'))) {
      const before = base.get(name)!.data
      expect(
        data.every((value, i) => before[i] !== 0 || value === 0),
        name,
      ).toBe(true)
      moved += data.filter((value, i) => value !== before[i]).length
    }
    expect(moved).toBeGreaterThan(0)
    const recipe = JSON.parse(readFileSync(`${at('tuned')}.fine-tuning/recipe.json`, 'utf8'))
    expect(recipe).toMatchObject({ keepZeros: true, epochs: 10, distillation: { teachers: [run] } })
    const meanRank = async (folder: string) => {
      const data = { shapes: parseSource(`folder:${at('shapes')}`) }
      const { results } = await evaluate(folder, { data })
      return (results.shapes as unknown as { imageToText: { MeanR: number } }).imageToText.MeanR
    }
    expect(await meanRank(at('tuned'))).toBeLessThan(await meanRank(`${at('tuned')}.base`))
  })

  test('that was killed goes on from its last checkpoint with the same command', async () => {
    const steps = [
      { kind: 'prune', ratio: 0.5 },
      { kind: 'fineTune', epochs: 6 },
    ]
    const begun: number[] = []
    const attempt = (killedAt?: number) => {
      const onStart = ({ step }: { readonly step: number }) => void begun.push(step)
      const onStep = (step: number) => {
        if (step === killedAt) throw new Error('killed')
      }
      const options = { out: at('killed'), measure: quick, callbacks: [{ onStart, onStep }] }
      return compress(run, { steps }, options)
    }
    await expect(attempt(8)).rejects.toThrow('killed')
    expect(existsSync(at('killed'))).toBe(false)
    await attempt()
    expect(begun).toEqual([0, 6])
    const { weights } = readBundle(at('killed'))
    expect(weights).toEqual(readBundle(`${at('killed')}.fine-tuning`).weights)
    expect(existsSync(`${at('killed')}.fine-tuning.1`)).toBe(false)
  })

  test('is refused for what is no run', async () => {
    const { code, notes } = await visuomotor(
      ...['compress', at('pruned'), '--prune', '0.3', '--fine-tune', '2', '--data', `folder:${at('shapes')}`],
      ...['--out', at('none')],
    )
    expect(code).toBe(2)
    expect(notes).toContain('compression/fine-tuning')
  })
})

describe('a budget', () => {
  test('is kept, and what was tried is told', async () => {
    const notes: string[] = []
    const { search, quality } = await compress(
      run,
      {
        steps: [{ kind: 'prune', ratio: 0.9, parameters: ['vision_model.*'] }],
        budget: { quality: -20 },
        calibration: { samples: 16 },
      },
      { out: at('within'), measure: quick, onNote: (text) => void notes.push(text) },
    )
    const { first, second } = quality.tests.validation!.objective!.metrics['imageToText.R@1']!
    expect(second.value - first.value).toBeGreaterThanOrEqual(-20)
    expect(search!.chosen.within).toBe(true)
    expect(search!.trials.length).toBeGreaterThan(1)
    expect(notes.join('\n')).toMatch(/only .*: .*points/)
    expect(readFileSync(at('within', 'compression.html'), 'utf8')).toContain('Sensitivity')
  })
})

describe('bad input is refused before any work', () => {
  const refused = async (code: string, ...argv: string[]) => {
    const told = await visuomotor('compress', ...argv, '--out', at('refused'))
    expect(told.code, told.notes).toBe(2)
    expect(told.notes).toContain(code)
    expect(existsSync(at('refused'))).toBe(false)
    return told.notes
  }

  test('ratios, patterns, metrics, and what does not go together', async () => {
    await refused('cli/usage', run, '--prune', '1.5')
    await refused('cli/usage', run, '--sparsity', '4:2')
    await refused('cli/usage', run, '--prune', '0.3', '--budget', 'quality=1')
    await refused('cli/options', run)
    await refused('cli/options', run, '--prune', '0.3', '--recipe', 'emoji-small')
    await refused('cli/options', run, '--prune', '0.3', '--distil')
    await refused('compression/recipe', run, '--prune', '0.3', '--importance', 'wander')
    await refused('optim/pattern', run, '--prune', '0.3', '--set', 'steps.0.parameters=["visoin_model.*"]')
    const key = await refused('config/unknown-key', run, '--prune', '0.3', '--set', 'steps.0.rato=0.5')
    expect(key).toContain("did you mean 'ratio'")
    const name = await refused('compression/unknown-recipe', run, '--recipe', 'emoji-smal')
    expect(name).toContain("did you mean 'emoji-small'")
    await refused('bundle/missing', at('nowhere'), '--prune', '0.3')
  })

  test('a bundle without data, and a metric that there is not', async () => {
    expect(
      await refused('compression/no-data', at('pruned'), '--prune', '0.3', '--budget', 'quality=-1'),
    ).toContain('--data')
    await refused('compression/metric', run, '--prune', '0.3', '--set', 'evaluate.metric=R1')
  })

  test('a folder that is no bundle', async () => {
    const { code, notes } = await visuomotor('compress', run, '--prune', '0.3', '--out', at('shapes'))
    expect(code).toBe(2)
    expect(notes).toContain('bundle/not-a-bundle')
  })
})

test('a compression of a file of one’s own is carried out on a bundle, with its own data', async () => {
  const file = at('mine.json')
  const data = { kind: 'folder', directory: at('shapes') }
  writeFileSync(file, JSON.stringify({ steps: [{ kind: 'prune', ratio: 0.2 }], evaluate: { data } }))
  const { code, notes } = await visuomotor('compress', at('pruned'), '--recipe', file, '--out', at('mine'))
  expect(code, notes).toBe(0)
  expect(notes).toContain('calibrated on the data that the quality is measured on')
  const { tensors } = readSafetensors(at('mine', 'model.safetensors'))
  expect(tensors.size).toBe(readBundle(run).weights.size)
})
