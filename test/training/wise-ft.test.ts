import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { float32 } from '../../src/core/index.ts'
import { readBundle } from '../../src/deploy/index.ts'
import {
  builtIn,
  evaluate,
  interpolateWeights,
  parseRecipe,
  prepareRun,
  type RecipeInput,
  readWiseFt,
  train,
} from '../../src/recipes/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { drawShapes } from '../support/drawn-shapes.ts'

const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
const shapes = { kind: 'folder', directory: join(home, 'shapes') } as const
const tower = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2 }
const base = join(home, 'base')
const tuned = join(home, 'tuned')

const recipe = (changes: Partial<RecipeInput> = {}): RecipeInput => ({
  name: 'shapes',
  data: shapes,
  validation: { data: shapes, everyEpochs: 4 },
  tests: { shapes },
  texts: { vocabularySize: 560 },
  model: {
    model_type: 'clip',
    vision_config: { ...tower, image_size: 16, patch_size: 8 },
    text_config: { ...tower, max_position_embeddings: 12 },
    projection_dim: 16,
  },
  optimizer: { kind: 'adamW', learningRate: 3e-3 },
  schedule: { kind: 'constant' },
  batches: { size: 12 },
  epochs: 4,
  machine: { workers: 0, threads: 1 },
  ...changes,
})

beforeAll(async () => {
  await drawShapes(shapes.directory)
  await train(recipe(), { out: base, callbacks: [] })
  await train(recipe({ base, wiseFt: { alphas: [0, 0.5, 1] } }), { out: tuned, callbacks: [] })
})

it('θ_α is (1 − α)·base + α·tuned, exact at both ends', () => {
  const [before, after] = [
    new Map([['w', float32([3], [0.1, -2, 4])]]),
    new Map([['w', float32([3], [0.3, 6, 4])]]),
  ]
  expect(interpolateWeights(before, after, 0)).toEqual(before)
  expect(interpolateWeights(before, after, 1)).toEqual(after)
  const between = interpolateWeights(before, after, 0.25).get('w')!.data
  expect([...between]).toEqual([0.15, 0, 4].map((value) => expect.closeTo(value, 6)))
  expect(() => interpolateWeights(new Map(), after, 0.5)).toThrow(
    expect.objectContaining({ code: 'config/wise-ft' }),
  )
})

it('measures each α after training: the ends are the base and the fine-tuned model', async () => {
  const summary = JSON.parse(readFileSync(join(tuned, 'summary.json'), 'utf8'))
  expect(summary.wiseFt.map(({ alpha }: { alpha: number }) => alpha)).toEqual([0, 0.5, 1])
  const [first, middle, last] = summary.wiseFt
  expect(last.tests).toEqual(summary.results)
  expect(first.tests).toEqual((await evaluate(base)).results)
  expect(last.validation).toEqual(last.tests.shapes) // the same data
  expect(middle.validation.imageToText['R@1']).toBeGreaterThanOrEqual(0)
  expect(readFileSync(join(tuned, 'report.html'), 'utf8')).toContain('Between base and fine-tuned model')
  expect(readdirSync(tuned).filter((name) => name.includes('wise-ft'))).toEqual([])
})

it('is exported by --wise-ft', async () => {
  const out = join(home, 'between')
  await visuomotor('export', tuned, '--wise-ft', '0.5', '--out', out)
  const { weights } = readBundle(out)
  const [a, b] = [readBundle(base).weights, readBundle(tuned).weights]
  for (const name of ['logit_scale', 'text_projection.weight'])
    for (const [i, value] of weights.get(name)!.data.entries())
      expect(value).toBeCloseTo((a.get(name)!.data[i]! + b.get(name)!.data[i]!) / 2, 6)
})

it('is refused without a base that has all weights', async () => {
  expect(() => parseRecipe(recipe({ wiseFt: true }))).toThrow(
    expect.objectContaining({ code: 'config/recipe', message: expect.stringContaining('wiseFt: WiSE-FT') }),
  )
  expect(parseRecipe(recipe({ base, wiseFt: true })).wiseFt).toEqual({ alphas: [0, 0.25, 0.5, 0.75, 1] })
  expect(() => readWiseFt(base, 0.5, builtIn)).toThrow(expect.objectContaining({ code: 'config/wise-ft' }))
  const { code, notes } = await visuomotor('export', base, '--wise-ft', '2')
  expect([code, notes.includes('a number from 0 to 1')]).toEqual([2, true])
  expect(existsSync(join(base, 'bundle'))).toBe(false)
  await expect(prepareRun(recipe({ wiseFt: true }), join(home, 'none'))).rejects.toMatchObject({
    code: 'config/recipe',
  })
})

it('reaches from the base to adapters, whose weights are in it', async () => {
  const run = join(home, 'adapted')
  const lora = { rank: 2, alpha: 4 }
  await train(recipe({ base, lora, wiseFt: { alphas: [0, 1] }, tests: {} }), { out: run, callbacks: [] })
  const [own, before, whole] = [
    readBundle(run).weights,
    readWiseFt(run, 0, builtIn).weights,
    readWiseFt(run, 1, builtIn).weights,
  ]
  const name = 'text_model.encoder.layers.0.self_attn.q_proj.weight'
  expect(before.get(name)).toEqual(readBundle(base).weights.get(name))
  expect(whole.get(name)).toEqual(own.get(name))
  expect(own.get(name)).not.toEqual(before.get(name))
  const { code, notes } = await visuomotor('export', run, '--wise-ft', '0.5', '--adapter-slots', '4')
  expect({ code, notes }).toMatchObject({ code: 2 })
})

it('is refused for a base that has changed since', async () => {
  const [run, moved] = [join(home, 'of-moved'), join(home, 'moved')]
  cpSync(base, moved, { recursive: true })
  await train(recipe({ base: moved, epochs: 1, tests: {} }), { out: run, callbacks: [] })
  expect(readWiseFt(run, 0, builtIn).weights).toEqual(readBundle(base).weights)
  rmSync(moved, { recursive: true })
  cpSync(tuned, moved, { recursive: true })
  const refused = expect.objectContaining({
    code: 'training/other-base',
    message: expect.stringContaining(moved),
  })
  expect(() => readWiseFt(run, 0, builtIn)).toThrow(refused)
})
