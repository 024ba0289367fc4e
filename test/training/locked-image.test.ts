import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkpointDirectory } from '../../src/core/index.ts'
import { readBundle } from '../../src/deploy/index.ts'
import {
  type PreparedRun,
  prepareRun,
  type RecipeInput,
  reopenRun,
  trainRun,
} from '../../src/recipes/index.ts'
import { readMetricsLog } from '../../src/training/index.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { hashOf } from '../support/hash-of.ts'

const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
const shapes = { kind: 'folder', directory: join(home, 'shapes') } as const
const tower = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2 }
const lockedImage = ['vision_model.*', 'visual_projection.*'].map((pattern) => ({ pattern, freeze: true }))
const lockedText = ['text_model.*', 'text_projection.*'].map((pattern) => ({ pattern, freeze: true }))

const recipe = (changes: Partial<RecipeInput> = {}): RecipeInput => ({
  name: 'locked',
  data: shapes,
  validation: { data: shapes, everyEpochs: 3 },
  texts: { vocabularySize: 560 },
  model: {
    model_type: 'clip',
    vision_config: { ...tower, image_size: 16, patch_size: 8 },
    text_config: { ...tower, max_position_embeddings: 12 },
    projection_dim: 16,
  },
  optimizer: { kind: 'adamW', learningRate: 3e-3 },
  schedule: { kind: 'constant' },
  parameters: lockedImage,
  batches: { size: 12 },
  epochs: 6,
  log: { everySteps: 1 },
  machine: { workers: 0, threads: 1 },
  ...changes,
})

let runs = 0
const prepared = (changes?: Partial<RecipeInput>) => prepareRun(recipe(changes), join(home, `run-${runs++}`))

/** Losses of all steps, and validations, of a run. */
async function trained(run: PreparedRun, signal?: AbortSignal) {
  await trainRun(run, { callbacks: [], ...(signal && { signal }) })
  const lines = readMetricsLog(join(run.directory, 'metrics.jsonl'))
  return {
    losses: lines.flatMap((line) => ('loss' in line ? [line.loss as number] : [])),
    validations: lines.flatMap((line) => ('validation' in line ? [line.validation] : [])),
  }
}

beforeAll(() => drawShapes(shapes.directory))

describe('a locked image tower', () => {
  it.each([{ microSize: undefined }, { microSize: 5 }])(
    'has its features computed once, and learns the same (microSize: $microSize)',
    async ({ microSize }) => {
      const batches = { size: 12, ...(microSize !== undefined && { microSize }) }
      const [kept, live] = [await prepared({ batches }), await prepared({ batches })]
      expect(kept.outputs).toHaveLength(1)
      expect(kept.notes).toContain(
        'the image tower is frozen: its features are computed once for each sample and kept, 1.5 kB for 24 samples',
      )
      const [a, b] = [await trained(kept), await trained({ ...live, outputs: [] })]
      expect(a.losses).toHaveLength(12)
      for (const [step, loss] of a.losses.entries()) expect(loss).toBeCloseTo(b.losses[step]!, 6)
      expect(a.losses.at(-1)!).toBeLessThan(0.8 * a.losses[0]!)
      expect(a.validations).toEqual(b.validations)
    },
  )

  it('is resumed bit for bit, in batches of others', async () => {
    const whole = await prepared()
    await trained(whole)
    const parts = await prepared()
    const stop = new AbortController()
    await trainRun(parts, {
      callbacks: [{ onStep: (step) => (step === 5 ? stop.abort() : undefined) }],
      signal: stop.signal,
    })
    await trained(await reopenRun(parts.directory))
    for (const name of ['model', 'optimizer']) {
      const [a, b] = [whole, parts].map(({ directory }) =>
        hashOf(join(checkpointDirectory(directory, 12), `${name}.safetensors`)),
      )
      expect(a).toBe(b)
    }
  })

  it('is computed in each step where something random stands before it', async () => {
    const run = await prepared({ augment: [{ kind: 'horizontalFlip' }], epochs: 1 })
    expect(run.outputs).toEqual([])
    expect(run.notes).toContain(
      'the image tower is frozen; augment changes what it reads, so that each step computes its features',
    )
    const mixed = await prepared({ mix: [{ kind: 'mixUp' }], epochs: 1 })
    expect([mixed.outputs, mixed.notes.some((note) => note.includes('mix changes'))]).toEqual([[], true])
    run.openLoader.close()
    mixed.openLoader.close()
  })

  it('is kept under transforms that draw nothing, and trained where it thaws', async () => {
    const run = await prepared({ augment: [{ kind: 'resize', size: 16 }, { kind: 'normalize' }], epochs: 1 })
    expect(run.outputs).toHaveLength(1)
    run.openLoader.close()
    const thawing = await prepared({
      parameters: lockedImage.map((rule) => ({ ...rule, freeze: { epochs: 3 } })),
    })
    expect(thawing.outputs).toEqual([])
    thawing.openLoader.close()
  })
})

it('a run with a locked tower is whole: it is tested, exported, and a base', async () => {
  const run = await prepared({ tests: { shapes }, epochs: 1 })
  const read = await run.training!.state.values.read()
  const before = [...read].map(([name, { data }]) => [name, data.slice()] as const)
  const finished = await trainRun(run, { callbacks: [] })
  expect(Object.keys(finished.summary!.results)).toEqual(['shapes'])
  const bundle = join(home, 'bundle')
  await finished.export(bundle)
  const [own, exported] = [readBundle(run.directory).weights, readBundle(bundle).weights]
  expect([...exported.keys()].toSorted()).toEqual(before.map(([name]) => name).toSorted())
  for (const [name, value] of before) {
    expect(exported.get(name)!.data, name).toEqual(own.get(name)!.data)
    if (/^vision_model|^visual/.test(name)) expect(own.get(name)!.data, name).toEqual(value)
  }
  const next = await prepared({ base: run.directory, parameters: [] })
  expect(next.notes[0]).toBe(
    `base: ${before.length} of the model's ${before.length} tensors come from ${run.directory}`,
  )
  for (const [name, { data }] of await next.training!.state.values.read())
    expect(data, name).toEqual(own.get(name)!.data)
  next.openLoader.close()
})

it('a locked text tower has the features of each distinct text computed once, whichever captions are drawn', async () => {
  const augment = [{ kind: 'colorJitter' }]
  const [kept, live] = [
    await prepared({ parameters: lockedText, augment }),
    await prepared({ parameters: lockedText, augment }),
  ]
  expect(kept.outputs).toHaveLength(1)
  expect(kept.notes).toContainEqual(
    expect.stringMatching(
      /^the text tower is frozen: its features are computed once for each distinct text and kept, /,
    ),
  )
  const [a, b] = [await trained(kept), await trained({ ...live, outputs: [] })]
  expect(a.losses[0]).toBeCloseTo(b.losses[0]!, 6)
  // A text alone is rounded otherwise than among others, and later steps begin where rounding has led.
  for (const [step, loss] of a.losses.entries()) expect(loss).toBeCloseTo(b.losses[step]!, 4)
})
