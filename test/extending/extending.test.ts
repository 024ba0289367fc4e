import { existsSync, mkdtempSync, readFileSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { bagOfWords } from '../../examples/extending/bag-of-words.ts'
import { namedPhotos } from '../../examples/extending/own-source.ts'
import { ranking } from '../../examples/extending/ranking.ts'
import { DualEncoderRuntime } from '../../src/deploy/index.ts'
import { adamW, constant } from '../../src/optim/index.ts'
import { evaluate, type RecipeInput, type Run, resume, train } from '../../src/recipes/index.ts'
import { type Metrics, readMetricsLog } from '../../src/training/index.ts'
import { metricAt } from '../../src/training/metric-paths.ts'
import { visuomotor } from '../support/captured-output.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { hashOf } from '../support/hash-of.ts'

const root = join(import.meta.dirname, '../..')

it.each([
  ['docs/extending.md', 4],
  ['docs/evaluation.md', 1],
])('%s shows files of examples as they are', (name, count) => {
  const page = readFileSync(join(root, name), 'utf8')
  const blocks = [...page.matchAll(/```ts file=(\S+)\n(.*?)```/gs)]
  expect(blocks.length).toBeGreaterThanOrEqual(count)
  for (const [, file, code] of blocks) expect(code, file).toBe(readFileSync(join(root, file!), 'utf8'))
})

const tower = { hidden_size: 32, intermediate_size: 64, num_hidden_layers: 1, num_attention_heads: 2 }

describe('a run with a family, an objective and a source of a user', () => {
  const home = mkdtempSync(join(tmpdir(), 'extending-'))
  const own = { families: { bag_of_words: bagOfWords }, objectives: { ranking } }
  const directory = join(home, 'shapes')
  const shapes = { kind: 'folder', directory } as const
  const recipe: RecipeInput = {
    name: 'own',
    data: shapes,
    validation: { data: shapes, everyEpochs: 5, monitor: 'imageToText.MeanR' },
    tests: { shapes },
    images: { resolution: 16 },
    texts: { vocabularySize: 560 },
    model: {
      model_type: 'bag_of_words',
      vision_config: { ...tower, image_size: 16, patch_size: 8 },
      text_config: { max_position_embeddings: 12 },
      projection_dim: 16,
    },
    objective: { kind: 'ranking', margin: 0.3 },
    optimizer: adamW({ learningRate: 3e-3 }),
    schedule: constant(),
    batches: { size: 12 },
    epochs: 20,
    machine: { workers: 0 },
  }
  const out = join(home, 'run')
  let run: Run

  beforeAll(async () => {
    await drawShapes(directory)
    run = await train(recipe, { out, callbacks: [], ...own })
  })

  it('learns, by its own loss, and keeps the checkpoint whose monitored rank is the lowest', () => {
    const log = readMetricsLog(join(out, 'metrics.jsonl'))
    const losses = log.flatMap((record) => ('loss' in record ? [record.loss] : []))
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]!)
    const ranks = log.flatMap((record) =>
      'validation' in record ? [metricAt(record.validation as Metrics, 'imageToText.MeanR')] : [],
    )
    expect(run.summary!.best!.value).toBe(Math.min(...ranks))
    expect(JSON.parse(readFileSync(join(out, 'recipe.json'), 'utf8')).validation.direction).toBe('min')
  })

  it('is tested at its end as evaluate tests it', async () => {
    const { results } = await evaluate(out, own)
    expect(results).toEqual(run.summary!.results)
  })

  it('is resumed to the same weights', async () => {
    const weights = (directory: string, step: number) =>
      hashOf(join(directory, 'checkpoints', String(step), 'model.safetensors'))
    const last = run.summary!.steps
    const before = weights(out, last)
    renameSync(join(out, 'checkpoints', String(last)), join(home, 'moved'))
    await resume(out, { callbacks: [], ...own })
    expect(weights(out, last)).toBe(before)
  })

  it('is exported and searched like the other dual encoders', async () => {
    const bundle = join(home, 'bundle')
    await run.export(bundle)
    expect(existsSync(join(bundle, 'onnx', 'text_model.onnx'))).toBe(true)
    const runtime = await DualEncoderRuntime.load(bundle, own)
    const [one, other] = [await runtime.embedTexts(['red circle']), await runtime.embedTexts(['circle red'])]
    expect([...other]).toEqual([...one].map((value) => expect.closeTo(value, 5))) // a bag has no order
    expect([...(await runtime.embedTexts(['blue circle']))]).not.toEqual(
      [...one].map((value) => expect.closeTo(value, 2)),
    )
  })

  it('is refused where its rows are not given, by their names', async () => {
    await expect(train(recipe, { out: join(home, 'no'), callbacks: [] })).rejects.toThrow(/bag_of_words/)
    const taken = { families: { clip: bagOfWords } }
    await expect(train(recipe, { callbacks: [], ...taken })).rejects.toMatchObject({
      code: 'config/row-exists',
    })
    const { code, notes } = await visuomotor('evaluate', out)
    expect(code).not.toBe(0)
    expect(notes).toContain('bag_of_words')
  })

  it('reads a source of the program, alone and within another, and names one that is not given', async () => {
    const sources = {
      mine: namedPhotos(directory, [
        'red-circle.png',
        'blue-cross.png',
        'green-square.png',
        'black-triangle.png',
      ]),
    }
    const mine = { kind: 'own', name: 'mine' } as const
    const data = { kind: 'concat', of: { mine, shapes } } as const
    const short: RecipeInput = { ...recipe, data, tests: { mine }, epochs: 1, validation: {} }
    const { summary } = await train(short, { out: join(home, 'sourced'), callbacks: [], ...own, sources })
    expect(summary!.results.mine).toMatchObject({ gallery: 4 })
    await expect(train(short, { out: join(home, 'none'), callbacks: [], ...own })).rejects.toMatchObject({
      code: 'config/source',
    })
  })
})
