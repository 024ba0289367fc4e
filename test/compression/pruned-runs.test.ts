import { mkdtempSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Tools } from '../../src/compression/method.ts'
import { structured } from '../../src/compression/structured/index.ts'
import { DualEncoderRuntime, readBundle, writeBundle } from '../../src/deploy/index.ts'
import { adamW, constant } from '../../src/optim/index.ts'
import { evaluate, type RecipeInput, resume, train } from '../../src/recipes/index.ts'
import { readMetricsLog } from '../../src/training/index.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { hashOf } from '../support/hash-of.ts'

const home = mkdtempSync(join(tmpdir(), 'pruned-runs-'))
const directory = join(home, 'shapes')
const shapes = { kind: 'folder', directory } as const
const tower = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4 }

const recipe: RecipeInput = {
  name: 'shapes',
  data: shapes,
  tests: { shapes },
  images: { resolution: 16 },
  texts: { vocabularySize: 560 },
  optimizer: adamW({ learningRate: 3e-3 }),
  schedule: constant(),
  batches: { size: 12 },
  epochs: 15,
  log: { everySteps: 1 },
  machine: { workers: 0 },
}

const model = {
  model_type: 'clip' as const,
  vision_config: { ...tower, image_size: 16, patch_size: 8 },
  text_config: { ...tower, max_position_embeddings: 12 },
  projection_dim: 16,
}

const tools = { seed: 0, threads: 1, note: () => {} } as unknown as Tools

const lossesOf = (run: string) =>
  readMetricsLog(join(run, 'metrics.jsonl')).flatMap((record) =>
    'loss' in record ? [record.loss as number] : [],
  )

const shapeOf = (folder: string, name: string) => readBundle(folder).weights.get(name)!.shape
const qProj = 'vision_model.encoder.layers.1.self_attn.q_proj.weight'
const fc2 = 'text_model.encoder.layers.0.mlp.fc2.weight'

describe('a model without a half of its heads and hidden units', () => {
  const base = join(home, 'base')
  const pruned = join(home, 'pruned')
  const tuned = join(home, 'tuned')

  beforeAll(async () => {
    await drawShapes(directory)
    await train({ ...recipe, model }, { out: base, callbacks: [] })
    const options = structured.schema.parse({ kind: 'structured', ratio: 0.5, of: ['heads', 'hidden'] })
    const { bundle } = await structured.apply(options, { bundle: readBundle(base), passes: [] }, tools)
    await writeBundle(pruned, bundle)
    await train({ ...recipe, base: pruned }, { out: tuned, callbacks: [] })
  })

  it('is trained on, at its smaller sizes, and gets back to where it was', async () => {
    const [before, after] = [lossesOf(base), lossesOf(tuned)]
    expect(after[0]).toBeGreaterThan(1.1 * before.at(-1)!)
    expect(after.at(-1)).toBeLessThan(1.1 * before.at(-1)!)
    for (const folder of [pruned, tuned]) {
      expect(shapeOf(folder, qProj)).toEqual([16, 32])
      expect(shapeOf(folder, fc2)).toEqual([32, 32])
    }
    const { model } = JSON.parse(readFileSync(join(tuned, 'recipe.json'), 'utf8'))
    expect(model.pruned[qProj]).toEqual({ 0: [[0, 16]] })
    expect(model.text_config.intermediate_size).toBe(32)
  })

  it('is evaluated the same from a bundle and from a run, and searched', async () => {
    const bundle = join(home, 'bundle')
    await writeBundle(bundle, readBundle(tuned))
    const [one, other] = [await DualEncoderRuntime.load(bundle), await DualEncoderRuntime.load(tuned)]
    const file = join(directory, 'red-circle.png')
    expect([...(await one.embedImages([{ file }]))]).toEqual(
      [...(await other.embedImages([{ file }]))].map((value) => expect.closeTo(value, 5)),
    )
    const { results } = await evaluate(tuned, {})
    expect(results.shapes).toMatchObject({ gallery: 24 })
  })

  it('is resumed to the same weights', async () => {
    const weights = (step: number) => hashOf(join(tuned, 'checkpoints', String(step), 'model.safetensors'))
    const last = 30
    const before = weights(last)
    renameSync(join(tuned, 'checkpoints', String(last)), join(home, 'moved'))
    await resume(tuned, { callbacks: [] })
    expect(weights(last)).toBe(before)
  })

  it('takes adapters of its smaller sizes', async () => {
    const run = join(home, 'adapted')
    const lora = { rank: 2, alpha: 4, targetModules: ['*.q_proj', '*.fc2'] }
    await train({ ...recipe, base: pruned, lora, epochs: 4 }, { out: run, callbacks: [] })
    const losses = lossesOf(run)
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
    expect(shapeOf(run, qProj)).toEqual([16, 32])
  })

  it('is refused where a recipe says it has lost something else', async () => {
    const said = { ...model, pruned: { [qProj]: { 0: [[0, 8]] } } }
    const refused = train(
      { ...recipe, base: pruned, model: said as never },
      { out: join(home, 'no'), callbacks: [] },
    )
    await expect(refused).rejects.toMatchObject({ code: 'config/base' })
  })
})
