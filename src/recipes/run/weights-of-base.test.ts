import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyBundle, tinyPolicy } from '../../../test/support/tiny-bundle.ts'
import { float32, writeSafetensors } from '../../core/index.ts'
import { writeBundle, writeManifest } from '../../deploy/index.ts'
import { buildModel, type ModelConfig } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import type { Task } from '../../training/index.ts'
import { parseRecipe } from '../recipe/parse.ts'
import { builtIn } from '../recipe/registry.ts'
import { openBase } from './base.ts'
import { weightsOfBase } from './weights-of-base.ts'

const home = mkdtempSync(join(tmpdir(), 'base-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const [clip, policy] = [tinyBundle('clip'), tinyPolicy()]
const folder = { clip: join(home, 'clip'), policy: join(home, 'policy') }
beforeAll(async () => {
  await writeBundle(folder.clip, clip)
  await writeBundle(folder.policy, policy)
})

/** A recipe on a base whose images it takes over. */
const recipeOn = (base: string, model: object | undefined, changes: object = {}) =>
  parseRecipe({
    name: 'on-base',
    base,
    data: { kind: 'folder', directory: home },
    model,
    ...((model as { model_type?: string } | undefined)?.model_type === 'visuomotor_policy' && {
      objective: { kind: 'imitation' },
    }),
    images: { fit: 'contain' },
    augment: [{ kind: 'normalize', mean: [0.5, 0.4, 0.3], std: [0.25, 0.3, 0.35] }],
    optimizer: { kind: 'adamW', learningRate: 1e-3 },
    schedule: { kind: 'constant' },
    batches: { size: 4 },
    epochs: 1,
    ...changes,
  })

/** The parameters of a model, as a task without any of its own has them. */
const taskOf = (config: ModelConfig) =>
  ({ parameters: new Map([...namedParameters(buildModel(config))]) }) as unknown as Task

const take = (...asked: Parameters<typeof recipeOn>) => {
  const recipe = recipeOn(...asked)
  const base = openBase(recipe, builtIn)!
  return { ...weightsOfBase(base, taskOf(recipe.model), recipe), recipe }
}

test('a CLIP model on a CLIP base takes what it leaves out, and every tensor of it', () => {
  const { values, notes, recipe } = take(folder.clip, { model_type: 'clip' })
  expect(recipe.model).toEqual(clip.model.config)
  expect([...values.keys()].sort()).toEqual([...clip.weights.keys()].sort())
  expect(values.get('visual_projection.weight')!.data).toEqual(
    clip.weights.get('visual_projection.weight')!.data,
  )
  const count = clip.weights.size
  expect(notes).toEqual([`base: ${count} of the model's ${count} tensors come from ${folder.clip}`])
})

test('a model left out is the base’s, and so are its images and its normalization', () => {
  const { recipe } = take(folder.clip, undefined, {
    images: {},
    augment: [{ kind: 'randomResizedCrop', scale: [0.9, 1] }, { kind: 'typos' }],
  })
  expect(recipe.model).toEqual(clip.model.config)
  expect(recipe.images).toEqual({ fit: 'contain' })
  expect(recipe.augment.map(({ kind }) => kind)).toEqual(['randomResizedCrop', 'normalize', 'typos'])
  expect(recipe.augment[0]).toMatchObject({ size: 32 })
  expect(recipe.augment[1]).toMatchObject({ mean: [0.5, 0.4, 0.3], std: [0.25, 0.3, 0.35] })
  expect(parseRecipe(JSON.parse(JSON.stringify(recipe))), 'a second pass changes nothing').toEqual(recipe)
})

test.each([
  ['projection', { model_type: 'clip', projection_dim: 512 }, 'model.projection_dim is 512 and not 24'],
  ['width', { vision_config: { hidden_size: 64 } }, 'model.vision_config.hidden_size is 64 and not 32'],
  [
    'heads',
    { text_config: { num_attention_heads: 8 } },
    'model.text_config.num_attention_heads is 8 and not 4',
  ],
  ['activation', { text_config: { hidden_act: 'gelu' } }, 'hidden_act is "gelu" and not "quick_gelu"'],
  ['size', { vision_config: { image_size: 64 } }, 'model.vision_config.image_size is 64 and not 32'],
])('another %s than the base’s is refused with both values and the way out', (_, model, words) => {
  const attempt = () => take(folder.clip, model)
  expect(attempt).toThrow(expect.objectContaining({ code: 'config/base' }))
  expect(attempt).toThrow(words)
  expect(attempt).toThrow(/Leave these keys out, and they are the base's/)
})

test('what the tokenizer decides is the base’s, whatever a recipe says', () => {
  const { recipe } = take(folder.clip, { text_config: { vocab_size: 7, eos_token_id: 3 } })
  expect(recipe.model).toEqual(clip.model.config)
})

test('what a base lacks is listed, and what is not used of it', () => {
  const { notes } = take(folder.policy, { ...clip.model.config, projection_dim: 20 })
  expect(notes).toEqual([
    `base: 75 of the model's 78 tensors come from ${folder.policy}`,
    'base: not taken from it, so drawn anew: logit_scale, visual_projection.weight, text_projection.weight',
    expect.stringMatching(
      /^base: not used of it: fusion\.\* \(\d+\), read_out\.\* \(6\), shared\.\* \(2\), heads\.\* \(\d+\)$/,
    ),
  ])
  const towers = take(folder.clip, policy.model.config)
  expect(towers.notes.slice(1)).toEqual([
    expect.stringMatching(/^base: not taken from it, so drawn anew: fusion\.\* \(\d+\), read_out\.\* \(6\)/),
    'base: not used of it: logit_scale, visual_projection.weight, text_projection.weight',
  ])
})

test('tensors of a base’s file beside its model’s are listed', async () => {
  const directory = join(home, 'more')
  await writeBundle(directory, clip)
  const more = new Map(clip.weights).set('adapter.down', float32([1], [0]))
  writeSafetensors(join(directory, 'model.safetensors'), more.set('adapter.up', float32([1], [0])))
  writeManifest(directory)
  expect(take(directory, clip.model.config).notes.at(-1)).toBe('base: not used of it: adapter.* (2)')
})

test('a policy on a policy takes over fusion, glances, shared layer and units: every tensor of it', () => {
  const { glances: _, shared_size, fusion_config, ...config } = policy.model.config
  const { mean: __, scale: ___, ...grasping } = config.heads.grasping as Record<string, unknown>
  const { values, notes, recipe } = take(folder.policy, { ...config, heads: { ...config.heads, grasping } })
  expect(recipe.model).toEqual(policy.model.config)
  expect(values.size).toBe(policy.weights.size)
  expect(notes).toHaveLength(1)
})

test('a tensor of another shape is refused with both shapes', () => {
  const { config } = policy.model
  const heads = { ...config.heads, manipulation: { ...config.heads.manipulation!, length: 6 } }
  const attempt = () => take(folder.policy, { ...config, heads })
  expect(attempt).toThrow(expect.objectContaining({ code: 'config/base' }))
  expect(attempt).toThrow(
    /heads\.manipulation\.\S*weight is \[7,24\] and not \[6,24\].*give heads of another size another name/,
  )
})

test('images that are prepared otherwise are refused with the keys', async () => {
  const directory = join(home, 'bilinear')
  await writeBundle(directory, {
    ...clip,
    image: { ...clip.image, fit: 'cover', kernel: 'bilinear', cropFraction: 0.8 },
  })
  const { config } = clip.model
  const usual = { fit: 'contain', kernel: 'bicubic', cropFraction: 1 }
  expect(() => take(directory, config, { images: usual })).toThrow(
    /cropFraction 1 and not 0\.8, kernel "bicubic" and not "bilinear", fit "contain" and not "cover"/,
  )
  const images = { fit: 'cover', kernel: 'bilinear', cropFraction: 0.8 }
  expect(take(directory, config, { images }).values.size).toBe(clip.weights.size)
})
