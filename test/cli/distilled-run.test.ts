import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { CheckpointError, ConfigError } from '../../src/core/index.ts'
import { writeBundle, writeManifest } from '../../src/deploy/index.ts'
import type { DualEncoder } from '../../src/models/index.ts'
import {
  contrastiveObjective,
  distill,
  type Objective,
  prepareRun,
  registryOf,
  reopenRun,
  trainRun,
} from '../../src/recipes/index.ts'
import { contrastiveTask, readMetricsLog } from '../../src/training/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'
import { tinyBundle, tinyPolicy } from '../support/tiny-bundle.ts'

type Input = Parameters<typeof prepareRun>[0]

let home: string
let recipe: Input
let teacher: string
let policy: string

beforeAll(async () => {
  const shapes = await shapesRecipe()
  home = shapes.home
  recipe = { ...((await import(shapes.file)) as { default: () => Input }).default(), epochs: 4, tests: {} }
  teacher = join(home, 'teacher')
  policy = join(home, 'policy')
  // Of another resolution, width, normalization and tokenizer.
  await writeBundle(teacher, tinyBundle('siglip'))
  await writeBundle(policy, tinyPolicy())
}, 60_000)

const taughtBy = (options: Parameters<typeof distill>[0], changes: object = {}) =>
  ({ ...recipe, ...changes, distillation: distill(options) }) as Input

const silent = { callbacks: [] }

const lossesOf = (run: string) =>
  readMetricsLog(join(run, 'metrics.jsonl')).flatMap((record) => ('loss' in record ? [record.loss] : []))

const weightsOf = (run: string, step: number) =>
  readFileSync(join(run, 'checkpoints', String(step), 'model.safetensors'))

describe('a run with a teacher', () => {
  const terms = [
    { kind: 'logits', weight: 0.5 },
    { kind: 'features' },
    { kind: 'interactive' },
    { kind: 'affinity' },
    { kind: 'relational' },
  ] as const

  test('learns from it by every term, and is exported without the projections', async () => {
    const run = await prepareRun(taughtBy({ teacher, terms: [...terms] }), join(home, 'all'))
    const batch = await run.openLoader.first()
    expect(batch!.arrays['teacher1.pixelValues']!.shape).toEqual([12, 3, 32, 32])
    expect(batch!.arrays['teacher1.inputIds']!.shape).toEqual([12, 16])
    expect([...run.task.parameters.keys()].filter((name) => name.startsWith('distillation'))).toEqual([
      'distillation.teacher1.image.weight',
      'distillation.teacher1.text.weight',
    ])
    const done = await trainRun(run, silent)
    const [first] = readMetricsLog(join(run.directory, 'metrics.jsonl'))
    for (const { kind } of terms) expect(first).toHaveProperty(`${kind}Loss`)
    const losses = lossesOf(run.directory)
    expect(losses.at(-1)!).toBeLessThan(losses[0]!)
    await done.export(join(home, 'all-bundle'))
    expect(readdirSync(join(home, 'all-bundle'))).toContain('model.safetensors')
    expect(readFileSync(join(home, 'all-bundle', 'model.safetensors'), 'latin1')).not.toContain(
      'distillation.',
    )
    expect(readFileSync(join(run.directory, 'recipe.json'), 'utf8')).toContain('"digests"')
  })

  test('sees the same pictures and texts as without it, and goes on from a checkpoint bit for bit', async () => {
    const input = taughtBy({ teacher, terms: [{ kind: 'logits' }, { kind: 'features' }] })
    const whole = await prepareRun(input, join(home, 'whole'))
    const plain = await prepareRun(recipe, join(home, 'plain'))
    const [own, other] = [await whole.openLoader.first(), await plain.openLoader.first()]
    for (const [name, array] of Object.entries(other!.arrays)) expect(own!.arrays[name], name).toEqual(array)
    plain.openLoader.close()
    await trainRun(whole, silent)
    const stopped = join(home, 'stopped')
    cpSync(whole.directory, stopped, { recursive: true })
    const steps = readdirSync(join(stopped, 'checkpoints'))
      .map(Number)
      .sort((a, b) => a - b)
    const last = steps.at(-1)!
    const expected = weightsOf(stopped, last)
    rmSync(join(stopped, 'checkpoints', String(last)), { recursive: true })
    await trainRun(await reopenRun(stopped), silent)
    expect(weightsOf(stopped, last).equals(expected)).toBe(true)
  })

  test('has an ensemble of teachers', async () => {
    const second = join(home, 'second')
    await writeBundle(second, tinyBundle('clip'))
    const run = await prepareRun(
      taughtBy({ teacher: [teacher, second], terms: [...terms] }, { epochs: 1 }),
      join(home, 'two'),
    )
    await trainRun(run, silent)
    expect(lossesOf(run.directory).every(Number.isFinite)).toBe(true)
  })

  test('is compared with a control that had none', async () => {
    const input = taughtBy(
      { teacher, control: true },
      { tests: recipe.validation?.data && { shapes: recipe.validation.data } },
    )
    const { summary, directory } = await trainRun(await prepareRun(input, join(home, 'compared')), silent)
    expect(summary!.control).toHaveProperty('shapes.imageToText')
    const control = JSON.parse(readFileSync(join(directory, 'control', 'recipe.json'), 'utf8'))
    expect(control).not.toHaveProperty('distillation')
    const own = JSON.parse(readFileSync(join(directory, 'control', 'summary.json'), 'utf8'))
    expect(own.steps).toBe(summary!.steps)
    expect(own.results).toEqual(summary!.control)
    const { distillation: _, ...plain } = input
    const alone = await trainRun(await prepareRun(plain as Input, join(home, 'uncompared')), silent)
    expect(alone.summary!.results).toEqual(summary!.control)
  })
})

describe('stored outputs of a teacher', () => {
  const store = () => join(home, 'store')
  const terms = [{ kind: 'logits' }, { kind: 'relational' }] as const
  const stored = (changes: object = {}, options: object = {}) =>
    taughtBy({ teacher, terms: [...terms], store: { directory: store(), ...options } }, changes)

  test('teach as the live teacher does, are used again, and appear whole or not at all', async () => {
    const live = await prepareRun(taughtBy({ teacher, terms: [...terms] }), join(home, 'live'))
    await trainRun(live, silent)
    const seen: number[] = []
    const run = await prepareRun(stored(), join(home, 'stored'), undefined, {
      onStored: (samples) => seen.push(samples),
    })
    expect(seen.reduce((sum, samples) => sum + samples, 0)).toBe(4 * 24)
    await trainRun(run, silent)
    const [ofLive, ofStored] = [lossesOf(live.directory), lossesOf(run.directory)]
    expect(ofStored).toHaveLength(ofLive.length)
    for (const [i, loss] of ofStored.entries()) expect(loss).toBeCloseTo(ofLive[i]!, 4)
    seen.length = 0
    const again = await prepareRun(stored(), join(home, 'again'), undefined, {
      onStored: (samples) => seen.push(samples),
    })
    expect(seen).toEqual([])
    await trainRun(again, silent)
    expect(lossesOf(again.directory)).toEqual(ofStored)
    const ofOtherSeed = await prepareRun(
      stored({ seed: 5 }, { seed: 0 }),
      join(home, 'other-seed'),
      undefined,
      {
        onStored: (samples) => seen.push(samples),
      },
    )
    ofOtherSeed.openLoader.close()
    expect(seen).toEqual([])
    expect(readdirSync(home).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test('are made by a flag of the command line, with their progress', async () => {
    const file = join(home, 'distilled.mjs')
    writeFileSync(file, `export default () => (${JSON.stringify(taughtBy({ teacher }, { epochs: 1 }))})\n`)
    const directory = join(home, 'of-command-line')
    const told = await visuomotor('train', file, '--store-teacher', directory, '--out', join(home, 'flagged'))
    expect(told.code, told.notes).toBe(0)
    expect(told.notes).toContain('outputs of the teachers: 24 in')
    expect(told.notes).toContain(`stored in ${directory}: one augmentation of each sample`)
    expect(readdirSync(directory)).toEqual(['00000.safetensors', 'store.json'])
    const without = await visuomotor('train', join(home, 'recipe.mjs'), '--store-teacher', directory)
    expect(without).toMatchObject({ code: 2, notes: expect.stringContaining('distillation.teachers') })
  })

  test('come again where there are fewer of them than passes', async () => {
    const options = { directory: join(home, 'one'), variants: 1 }
    const run = await prepareRun(stored({}, options), join(home, 'once'))
    expect(run.notes.join()).toContain('one augmentation of each sample, for 4 passes')
    await trainRun(run, silent)
  })

  test.each([
    [
      'of other data',
      (): object => ({ data: { kind: 'filter', of: recipe.data, keep: { every: 2 } } }),
      'data',
    ],
    ['of other augmentation', (): object => ({ augment: [], images: { resolution: 16 } }), 'processing'],
    ['of another seed', (): object => ({ seed: 5 }), 'processing'],
    ['of fewer passes', (): object => ({ epochs: 3 }), 'variants'],
  ])('%s are refused', async (_, changes, differing) => {
    const failing = prepareRun(stored(changes()), join(home, 'refused'))
    await expect(failing).rejects.toThrow(ConfigError)
    await expect(failing).rejects.toMatchObject({
      code: 'config/other-store',
      message: expect.stringContaining(differing),
    })
    expect(existsSync(join(home, 'refused'))).toBe(false)
  })

  test('of another teacher are refused, and so is a folder that is no store', async () => {
    const other = join(home, 'other-teacher')
    await writeBundle(other, tinyBundle('clip'))
    const input = (directory: string) => taughtBy({ teacher: other, terms: [...terms], store: { directory } })
    await expect(prepareRun(input(store()), join(home, 'refused'))).rejects.toMatchObject({
      code: 'config/other-store',
      message: expect.stringContaining('teachers'),
    })
    await expect(prepareRun(input(teacher), join(home, 'refused'))).rejects.toMatchObject({
      code: 'config/other-store',
      message: expect.stringContaining('no store'),
    })
  })
})

describe('a teacher that does not fit', () => {
  test('is refused: one that is not there, or of another kind', async () => {
    await expect(
      prepareRun(taughtBy({ teacher: join(home, 'nowhere') }), join(home, 'no')),
    ).rejects.toMatchObject({
      code: 'bundle/missing',
    })
    await expect(prepareRun(taughtBy({ teacher: policy }), join(home, 'no'))).rejects.toMatchObject({
      code: 'config/distillation',
      message: expect.stringContaining('no space that images and texts share'),
    })
    expect(existsSync(join(home, 'no'))).toBe(false)
  })

  test.each([
    [{ alpha: 1.5 }, 'distillation.alpha'],
    [{ alpha: -0.1 }, 'distillation.alpha'],
    [{ terms: [{ kind: 'logits', temperature: 0 }] }, 'distillation.terms.0.temperature'],
    [{ terms: [{ kind: 'logits' }, { kind: 'logits' }] }, 'each kind once'],
    [{ terms: [{ kind: 'attention' }] }, "have no 'attention' to compare"],
    [{ terms: [{ kind: 'logit' }] }, "there is no 'logit'"],
    [{ inherit: true, changes: { base: true } }, 'leave out base, or'],
    [{ inherit: true, changes: { towers: { text: 'bert' } } }, 'leave out towers, or'],
  ])('nor are %j possible', async (options, words) => {
    const { changes = {}, ...rest } = options as { changes?: { base?: boolean } }
    const input = taughtBy(
      { teacher, ...rest } as never,
      changes.base ? { base: teacher } : { ...(changes as object) },
    )
    await expect(prepareRun(input, join(home, 'no'))).rejects.toMatchObject({
      code: 'config/recipe',
      message: expect.stringContaining(words),
    })
  })

  test('nor is there one for an objective whose task knows nothing of teachers', async () => {
    const own = {
      ...contrastiveObjective,
      schema: z.strictObject({ kind: z.literal('own') }),
      task: (model: DualEncoder) => contrastiveTask(model),
    } as Objective
    const registry = registryOf({ objectives: { own } })
    const input = taughtBy({ teacher }, { objective: { kind: 'own' } })
    await expect(prepareRun(input, join(home, 'no'), registry)).rejects.toMatchObject({
      code: 'config/distillation',
      message: expect.stringContaining('run.added'),
    })
  })

  test('a teacher that changed since the run began ends it', async () => {
    const own = join(home, 'changing')
    await writeBundle(own, tinyBundle('siglip'))
    const run = await prepareRun(taughtBy({ teacher: own }), join(home, 'changed'))
    run.openLoader.close()
    const config = join(own, 'preprocessor_config.json')
    writeFileSync(config, readFileSync(config, 'utf8').replace('0.25', '0.26'))
    writeManifest(own)
    const reopened = reopenRun(run.directory)
    await expect(reopened).rejects.toThrow(CheckpointError)
    await expect(reopened).rejects.toMatchObject({ code: 'training/other-teacher' })
  })
})

test('a student begins with weights cut from its teacher', async () => {
  const tower = { hidden_size: 16, intermediate_size: 24, num_hidden_layers: 1, num_attention_heads: 2 }
  const source = tinyBundle('clip')
  const large = join(home, 'large')
  await writeBundle(large, source)
  const model = {
    model_type: 'clip',
    vision_config: { ...tower, image_size: 32, patch_size: 8 },
    text_config: { ...tower, max_position_embeddings: 12 },
    projection_dim: 12,
  }
  const changes = { model, images: {}, augment: [] }
  const run = await prepareRun(taughtBy({ teacher: large, inherit: true }, changes), join(home, 'heir'))
  run.openLoader.close()
  expect(run.notes.join('\n')).toMatch(/inherited: \d+ of the model's \d+ tensors are cut from/)
  expect(run.notes.join('\n')).toContain('text_model.embeddings.token_embedding.weight') // other words
  const values = await run.training!.state.values.read()
  const name = 'vision_model.encoder.layers.0.mlp.fc1.weight'
  const own = values.get(name)!.data as Float32Array
  const its = source.weights.get(name)!.data
  for (const [row, column] of [
    [0, 0],
    [5, 3],
    [23, 15],
  ] as const)
    expect(own[row * 16 + column]).toBe(its[row * 32 + column])
  const heads = 'vision_model.encoder.layers.0.self_attn.q_proj.weight'
  expect((values.get(heads)!.data as Float32Array).slice(16, 32)).toEqual(
    source.weights.get(heads)!.data.slice(32, 48),
  )
})
