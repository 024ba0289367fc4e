import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { CheckpointError, ConfigError, latestCheckpoint } from '../../src/core/index.ts'
import { CaptionRuntime, DualEncoderRuntime, loadMaskedModel } from '../../src/deploy/index.ts'
import { vlm } from '../../src/models/index.ts'
import {
  captioning,
  contrastive,
  distill,
  evaluate,
  masked,
  parseRecipe,
  type RecipeInput,
  resume,
  sum,
  train,
} from '../../src/recipes/index.ts'
import { drawShapes } from '../support/drawn-shapes.ts'

const tower = { width: 16, depth: 1, heads: 2 }
const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
const shapes = { kind: 'folder', directory: join(home, 'shapes'), captions: 'captions.jsonl' } as const

const recipe = (changes: Partial<RecipeInput> = {}): RecipeInput => ({
  name: 'shapes',
  data: shapes,
  validation: { data: shapes },
  tests: { shapes },
  images: { resolution: 16 },
  texts: { vocabularySize: 560 },
  model: vlm({
    image: { size: 16, patch: 4, ...tower },
    text: { length: 12, ...tower },
    projection: 16,
    masked: tower,
    decoder: tower,
  }),
  objective: sum([contrastive(), { ...masked(), weight: 0.5 }, captioning()]),
  optimizer: { kind: 'adamW', learningRate: 3e-3 },
  schedule: { kind: 'cosine', warmupSteps: 2 },
  batches: { size: 12, microSize: 8 },
  epochs: 3,
  log: { everySteps: 2 },
  machine: { workers: 0, threads: 1 },
  ...changes,
})

const clip = vlm({ image: { size: 16, patch: 8, ...tower }, text: { length: 12, ...tower } })

describe('a recipe', () => {
  const refusalOf = (changes: Partial<RecipeInput>) => () => parseRecipe(recipe(changes))

  it.each<[string, Partial<RecipeInput>]>([
    ['a visuomotor_vlm model reconstructs nothing', { model: clip, objective: masked() }],
    ['a visuomotor_vlm model writes no captions', { model: clip, objective: captioning() }],
    [
      'objective.objectives.1: a visuomotor_vlm model reconstructs nothing',
      { model: clip, objective: sum([contrastive(), masked()]) },
    ],
    ["objective.objectives.1: there is a 'masked' already", { objective: sum([masked(), masked()]) }],
    ["there is no 'imitation'", { objective: sum([{ kind: 'imitation' }]) }],
    ['one of both weights must be above 0', { objective: masked({ weights: { patches: 0, words: 0 } }) }],
    ["the validation has no metric 'masked.loss'", { validation: { data: shapes, monitor: 'masked.loss' } }],
  ])('is refused: %s', (message, changes) => {
    expect(refusalOf(changes)).toThrow(ConfigError)
    expect(refusalOf(changes)).toThrow(message)
  })

  it.each([
    [0.02, 'masks none of the 16 patches'],
    [0.98, 'masks all of the 16 patches'],
  ])('whose masks cover all or nothing is refused: %d', (patchRatio, message) => {
    const sizes = { image: { size: 16, patch: 4, ...tower }, text: { length: 12, ...tower } }
    expect(() => vlm({ ...sizes, masked: { ...tower, patchRatio } })).toThrow(message)
    expect(
      refusalOf({
        model: { ...vlm({ ...sizes, masked: tower }), masked_config: { patch_ratio: patchRatio } },
      }),
    ).toThrow(`model.masked_config.patch_ratio: ${patchRatio} ${message}`)
  })
})

describe('a run of contrast, masks and captions at once', () => {
  const run = join(home, 'run')
  let results: Record<string, unknown>

  beforeAll(async () => {
    await drawShapes(join(home, 'shapes'))
    const { summary } = await train(recipe(), { out: run, callbacks: [] })
    results = summary!.results.shapes as Record<string, unknown>
  }, 300_000)

  it('is measured by each of them, with the words told without the image beside those told with it', () => {
    expect(results).toMatchObject({
      contrastive: { imageToText: { 'R@1': expect.any(Number) } },
      masked: {
        patchError: expect.any(Number),
        withImage: { accuracy: expect.any(Number), loss: expect.any(Number) },
        withoutImage: { accuracy: expect.any(Number) },
        otherImages: { accuracy: expect.any(Number) },
        textsWithoutWords: 0,
      },
      captioning: { wordAccuracy: expect.any(Number), perplexity: expect.any(Number) },
    })
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines[0]).toMatchObject({
      contrastiveLoss: expect.any(Number),
      maskedLoss: expect.any(Number),
      captioningLoss: expect.any(Number),
      patchLoss: expect.any(Number),
      wordAccuracy: expect.any(Number),
      logitScale: expect.any(Number),
    })
    expect(lines.find(({ validation }) => validation)).toMatchObject({
      validation: { contrastive: {}, masked: {}, captioning: {} },
    })
  })

  it('shows images with their masks and reconstructions, words behind masks, and written captions', () => {
    const page = readFileSync(join(run, 'report.html'), 'utf8')
    for (const text of [
      'Original',
      'Masked',
      'Reconstructed',
      'without the image:',
      'greedy:',
      '4 beams:',
      '▢',
    ])
      expect(page).toContain(text)
  })

  it('exports a bundle that searches, fills masks, writes captions, and is measured as the run is', async () => {
    const bundle = join(home, 'bundle')
    const trained = await resume(run, { callbacks: [] })
    await trained.export(bundle)
    const image = { file: join(home, 'shapes/red-circle.png') }
    const encoder = await DualEncoderRuntime.load(bundle)
    expect(await encoder.embedImages([image])).toHaveLength(16)
    expect(await encoder.embedTexts(['a red circle'])).toHaveLength(16)
    const writer = await CaptionRuntime.load(bundle)
    const [greedy] = await writer.captions([image])
    const [searched] = await writer.captions([image], { beams: 3 })
    expect(greedy!.caption).toEqual(expect.any(String))
    expect(searched!.logProbability).toBeGreaterThanOrEqual(greedy!.logProbability)
    const { runner } = await loadMaskedModel(bundle)
    expect(runner).toBeDefined()
    const { results: ofBundle } = await evaluate(bundle, { data: { shapes } })
    expect(ofBundle.shapes).toMatchObject({ imageToText: {}, textToImage: {} })
  })

  it('may have a teacher too', async () => {
    const distillation = distill({ teacher: run, terms: [{ kind: 'features' }] })
    const taught = join(home, 'taught')
    await train(recipe({ distillation, epochs: 1, tests: {} }), { out: taught, callbacks: [] })
    const [line] = readFileSync(join(taught, 'metrics.jsonl'), 'utf8').split('\n')
    const { loss, sumLoss, featuresLoss } = JSON.parse(line!)
    expect(featuresLoss).toBeGreaterThan(0)
    expect(loss).toBeCloseTo(0.3 * sumLoss + 0.7 * featuresLoss, 4)
  })

  it('is the same after an interruption, bit by bit', async () => {
    const other = join(home, 'stopped')
    const stop = new AbortController()
    const onStep = (step: number) => void (step === 3 && stop.abort())
    await train(recipe(), { out: other, signal: stop.signal, callbacks: [{ onStep }] })
    await resume(other, { callbacks: [] })
    const weightsOf = (directory: string) =>
      readFileSync(join(latestCheckpoint(directory)!, 'model.safetensors'))
    expect(weightsOf(other).equals(weightsOf(run))).toBe(true)
  })
})

describe('features of a frozen copy of the image tower', () => {
  const sizes = { image: { size: 16, patch: 4, ...tower }, text: { length: 12, ...tower }, projection: 16 }
  const model = vlm({ ...sizes, masked: { ...tower, target: 'features' } })

  it('are refused without a base, whose features they would be', () => {
    expect(() => parseRecipe(recipe({ model, objective: masked() }))).toThrow(
      'model.masked_config.target: features are',
    )
  })

  it('are learned on a base, also by a run that was stopped', async () => {
    const base = join(home, 'base')
    const plain = recipe({ model: vlm(sizes), objective: contrastive(), epochs: 0.5, tests: {} })
    await train(plain, { out: base, callbacks: [] })
    const asked = recipe({ model, objective: masked(), base, epochs: 2 })
    const [whole, stopped] = [join(home, 'features'), join(home, 'features-stopped')]
    const { summary } = await train(asked, { out: whole, callbacks: [] })
    expect(summary!.results.shapes).toMatchObject({ withImage: {}, withoutImage: {} })
    expect(summary!.results.shapes).not.toHaveProperty('patchError')
    const stop = new AbortController()
    const onStep = (step: number) => void (step === 2 && stop.abort())
    await train(asked, { out: stopped, signal: stop.signal, callbacks: [{ onStep }] })
    await resume(stopped, { callbacks: [] })
    const [ours, others] = [whole, stopped].map((run) =>
      readFileSync(join(latestCheckpoint(run)!, 'model.safetensors')),
    )
    expect(others!.equals(ours!)).toBe(true)
    const lines = readFileSync(join(whole, 'metrics.jsonl'), 'utf8').trim().split('\n')
    expect(JSON.parse(lines[0]!).patchLoss).toBeGreaterThan(0)
  })
})

it('a model without the parts is refused by name', async () => {
  const run = join(home, 'clip')
  await train(recipe({ model: clip, objective: contrastive(), epochs: 0.5, tests: {} }), {
    out: run,
    callbacks: [],
  })
  for (const load of [CaptionRuntime.load(run), loadMaskedModel(run)]) {
    await expect(load).rejects.toThrow(CheckpointError)
    await expect(load).rejects.toThrow(/_config/)
  }
})
