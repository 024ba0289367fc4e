import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSafetensors, readSafetensorsHeader } from '../../src/core/index.ts'
import { DualEncoderRuntime, readBundle } from '../../src/deploy/index.ts'
import { draftRecipes, override } from '../../src/recipes/index.ts'
import { type Captured, visuomotor } from '../support/captured-output.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { hashOf } from '../support/hash-of.ts'
import { golden, pretrained } from '../support/pretrained.ts'

const home = mkdtempSync(join(tmpdir(), 'finetune-'))
const shapes = join(home, 'shapes')
const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'))
const settings = (values: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(values).flatMap(([key, value]) => [
    '--set',
    `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ])
const data = { kind: 'folder', directory: shapes }
/** 30 steps at a rate that a model of two narrow layers needs. */
const short = {
  data,
  'tests.shapes': data,
  'optimizer.learningRate': 3e-3,
  'batches.size': 12,
  epochs: 15,
  'log.everySteps': 5,
  'machine.workers': 0,
}
const finetune = (run: string, values: Readonly<Record<string, unknown>>): Promise<Captured> =>
  visuomotor('train', 'finetune', '--out', join(home, run), ...settings(values), '--json')
const recallOf = ({ result, notes, code }: Captured): number => {
  expect(code, notes).toBe(0)
  const { results } = JSON.parse(result) as { results: Record<string, Record<string, { 'R@1': number }>> }
  return results.shapes!.imageToText!['R@1']
}
/** What `evaluate` finds of a model on the shapes. */
async function measured(model: string): Promise<{ readonly imageToText: { readonly 'R@1': number } }> {
  const { result } = await visuomotor('evaluate', model, '--data', `folder:${shapes}`, '--json')
  return Object.values((JSON.parse(result) as { results: object }).results)[0]
}
const weightsOf = (run: string) =>
  readSafetensors(join(home, run, 'checkpoints/30/model.safetensors')).tensors
const filesOf = (folder: string) => json(folder, 'tokenizer.json')

beforeAll(() => drawShapes(shapes))

describe('a CLIP of Python’s transformers', () => {
  const base = pretrained('clip-float16')
  let told: Captured
  beforeAll(async () => {
    told = await finetune('full', { base, ...short })
  })

  test('is fine-tuned by its folder and data alone, and is better at the data', async () => {
    expect(told.notes).toMatch(/base: 78 of the model's 78 tensors come from/)
    expect(recallOf(told)).toBeGreaterThan(2 * (await measured(base)).imageToText['R@1'])
  })

  test('keeps its tokenizer, and its recipe is complete', () => {
    expect(filesOf(join(home, 'full'))).toEqual(filesOf(base))
    const recipe = json(home, 'full', 'recipe.json')
    expect(recipe.model).toMatchObject({ model_type: 'clip', projection_dim: 12 })
    expect(recipe.model.text_config).toMatchObject({ vocab_size: 777, eos_token_id: 764 })
    expect(recipe.augment).toEqual([
      expect.objectContaining({ kind: 'randomResizedCrop', size: 16, scale: [0.9, 1] }),
      expect.objectContaining({ kind: 'normalize', mean: [0.48145466, 0.4578275, 0.40821073] }),
    ])
  })

  test('is repeated by its recipe.json, bit by bit', async () => {
    const again = join(home, 'again')
    const { code } = await visuomotor('train', join(home, 'full/recipe.json'), '--out', again)
    expect(code).toBe(0)
    const file = 'checkpoints/30/model.safetensors'
    expect(hashOf(join(again, file))).toBe(hashOf(join(home, 'full', file)))
  })

  test.each([
    ['auto', 'float16', 'F16'],
    ['bfloat16', 'bfloat16', 'BF16'],
    [undefined, 'float32', 'F32'],
  ])('is exported with --dtype %s in %s', async (asked, dtype, spelled) => {
    const to = join(home, `bundle-${asked}`)
    const flags = asked === undefined ? [] : ['--dtype', asked]
    expect((await visuomotor('export', join(home, 'full'), '--out', to, ...flags)).code).toBe(0)
    expect(json(to, 'config.json').dtype).toBe(dtype)
    const { tensors } = readSafetensorsHeader(join(to, 'model.safetensors'))
    expect(new Set([...tensors.values()].map((entry) => entry.dtype))).toEqual(new Set([spelled]))
    expect(readBundle(to).dtype).toBe(dtype)
  })
})

test('a SigLIP 2 of fixed resolution is fine-tuned with its own tokenizer and stretched images', async () => {
  const base = pretrained('siglip2')
  const told = await finetune('siglip2', { base, ...short, epochs: 1 })
  expect(told.code, told.notes).toBe(0)
  expect(told.notes).toMatch(/base: 88 of the model's 88 tensors come from/)
  expect(json(home, 'siglip2', 'recipe.json').images).toEqual({ fit: 'fill' })
  expect(filesOf(join(home, 'siglip2'))).toEqual(filesOf(base))
})

test('weights in bfloat16 and in shards are read', async () => {
  const base = pretrained('clip-bfloat16')
  const told = await finetune('sharded', { base, ...short, epochs: 0.5 })
  expect(told.notes).toMatch(/base: 78 of the model's 78 tensors come from/)
  expect(json(home, 'sharded', 'config.json').dtype).toBe('bfloat16')
})

describe('adapters', () => {
  const base = pretrained('clip')
  const lora = { 'lora.rank': 4, 'lora.alpha': 8, 'lora.dropout': 0.1, 'optimizer.learningRate': 0.02 }
  const adapter = join(home, 'lora/adapter')
  let told: Captured
  beforeAll(async () => {
    told = await finetune('lora', { base, ...short, ...lora })
    expect(told.code, told.notes).toBe(0)
    expect((await visuomotor('export', join(home, 'lora'), '--adapter')).code).toBe(0)
    expect((await visuomotor('export', join(home, 'lora'))).code).toBe(0)
  })

  test('learn, while the base stays as it is', () => {
    expect(told.notes).toMatch(
      /lora: 8 linear maps have an adapter of rank 4; 1,024 of [\d,]+ numbers are trained/,
    )
    const [before, after] = [readBundle(base).weights, weightsOf('lora')]
    for (const [name, value] of after) if (before.has(name)) expect(value, name).toEqual(before.get(name))
    const b = after.get('vision_model.encoder.layers.1.self_attn.v_proj.lora_b.weight')!
    expect(Math.max(...(b.data as Float32Array).map(Math.abs))).toBeGreaterThan(1e-3)
  })

  test('are in what is evaluated, exported and searched with', async () => {
    const [run, bundle, alone] = [
      await measured(join(home, 'lora')),
      await measured(join(home, 'lora/bundle')),
      await measured(base),
    ]
    expect(run).toEqual(bundle)
    expect(run).toEqual(json(home, 'lora', 'summary.json').results.shapes)
    expect(recallOf(told)).toBeGreaterThan(1.5 * alone!.imageToText['R@1'])
  })

  test('are swapped in one runtime, which then gives what each merged bundle gives', async () => {
    const slots = join(home, 'slots')
    expect((await visuomotor('export', base, '--out', slots, '--adapter-slots', '6')).code).toBe(0)
    const picture = [{ file: join(shapes, 'red-circle.png') }]
    const features = async (runtime: DualEncoderRuntime) => [
      ...(await runtime.embedImages(picture)),
      ...(await runtime.embedTexts(['a red circle'])),
    ]
    const of = async (folder: string) => features(await DualEncoderRuntime.load(folder))
    const runtime = await DualEncoderRuntime.load(slots)
    const expectClose = async (wanted: readonly number[]) => {
      const found = await features(runtime)
      expect(Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!)))).toBeLessThan(1e-5)
    }
    const [alone, adapted] = [await of(base), await of(join(home, 'lora/bundle'))]
    expect(Math.max(...alone.map((value, i) => Math.abs(value - adapted[i]!)))).toBeGreaterThan(0.01)
    await expectClose(alone)
    runtime.useAdapter(adapter)
    await expectClose(adapted)
    runtime.useAdapter(undefined)
    await expectClose(alone)
    runtime.useAdapter(join(golden, 'adapter'))
    runtime.useAdapter(adapter)
    await expectClose(adapted)
    expect(() => runtime.useAdapter(join(golden, 'adapter-rslora'))).toThrow(/for which there is no room/)
    const without = await DualEncoderRuntime.load(join(home, 'lora/bundle'))
    expect(() => without.useAdapter(adapter)).toThrow(/no room for adapters: export it with --adapter-slots/)
  })

  test('are what another training begins with, with their own rank and targets', async () => {
    const again = await finetune('further', {
      base,
      ...short,
      epochs: 0.5,
      'optimizer.learningRate': 0,
      'lora.adapter': adapter,
    })
    const photos = { kind: 'folder' as const, directory: shapes }
    const draft = { ...draftRecipes.finetune!(), base, data: photos, lora: { adapter } }
    expect(override(draft, ['seed=3']).lora, 'of a recipe file').toMatchObject({ rank: 4, alpha: 8 })
    expect(again.notes).toMatch(/of rank 4, with the weights of .*adapter;/)
    expect(json(home, 'further', 'recipe.json').lora).toMatchObject({ rank: 4, alpha: 8, dropout: 0 })
    const [first, second] = [
      weightsOf('lora'),
      readSafetensors(join(home, 'further/checkpoints/1/model.safetensors')).tensors,
    ]
    expect(new Map(second)).toEqual(new Map(first))
  })

  test('go on from a checkpoint as if they had never stopped, with the same masks of dropout', async () => {
    const file = join(home, 'lora/checkpoints/30/model.safetensors')
    const whole = hashOf(file)
    rmSync(join(home, 'lora/checkpoints/30'), { recursive: true })
    expect((await visuomotor('train', '--resume', '--out', join(home, 'lora'))).code).toBe(0)
    expect(hashOf(file)).toBe(whole)
  })

  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, string, RegExp])[] = [
    [
      'a name that is not there',
      { 'lora.targetModules': ['*.query'] },
      'optim/pattern',
      /no module matches '\*\.query'/,
    ],
    ['no linear map', { 'lora.targetModules': ['*.layer_norm1'] }, 'config/lora', /is no linear map/],
    ['a rank of 0', { 'lora.rank': 0 }, 'config/recipe', /lora\.rank: /],
    [
      'another rank than its adapter',
      { 'lora.adapter': adapter, 'lora.rank': 2 },
      'config/lora',
      /rank is 2 and not 4/,
    ],
    ['an adapter that is not there', { 'lora.adapter': home }, 'bundle/adapter', /there is no adapter in/],
    ['another projection', { 'model.projection_dim': 99 }, 'config/base', /projection_dim is 99 and not 12/],
    [
      'another mean',
      { augment: [{ kind: 'normalize', mean: [0, 0, 0] }] },
      'config/base',
      /mean \[0,0,0\] and not \[0\.48/,
    ],
    ['another kernel', { 'images.kernel': 'lanczos' }, 'config/base', /kernel "lanczos" and not "bicubic"/],
  ]
  test.each(refused)('with %s are refused', async (_, values, code, words) => {
    const {
      code: ended,
      notes,
      result,
    } = await finetune('refused', { base, ...short, 'lora.alpha': 8, ...values })
    expect(ended, notes).not.toBe(0)
    expect(JSON.parse(result).error).toMatchObject({ code, message: expect.stringMatching(words) })
  })

  test('of another base are refused', async () => {
    const other = pretrained('clip-float16')
    const { result } = await finetune('refused', { base: other, ...short, 'lora.adapter': adapter })
    expect(JSON.parse(result).error.message).toMatch(
      /is of another base: .* has other values there\. It was trained on/,
    )
  })

  test('without a base are refused, as is a recipe with neither model nor base', async () => {
    const { result } = await visuomotor('train', 'finetune', ...settings(short), '--json')
    expect(JSON.parse(result).error.message).toMatch(
      /name a model, or the base that gives it: --set base=FOLDER/,
    )
    const { result: dataless } = await visuomotor('train', 'finetune', ...settings({ base }), '--json')
    expect(JSON.parse(dataless).error).toMatchObject({
      code: 'config/recipe',
      message: expect.stringMatching(/data: /),
    })
  })

  test('of a run that trained more than them are not written as a folder of their own', async () => {
    const thawed = { 'parameters.0.pattern': 'logit_scale', 'parameters.0.freeze': false }
    const run = await finetune('thawed', { base, ...short, ...lora, epochs: 0.5, ...thawed })
    expect(run.code, run.notes).toBe(0)
    const { notes } = await visuomotor('export', join(home, 'thawed'), '--adapter')
    expect(notes).toMatch(/trained more than its adapters, .*: logit_scale/)
  })
})
