import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { writeBundle } from '../../src/deploy/index.ts'
import { compareResults, type SuiteResult } from '../../src/evaluation/index.ts'
import { vlm } from '../../src/models/index.ts'
import {
  captioning,
  contrastive,
  evaluateSuite,
  masked,
  objective,
  sum,
  train,
} from '../../src/recipes/index.ts'
import { drawShapes } from '../support/drawn-shapes.ts'
import { pretrained } from '../support/pretrained.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

const home = mkdtempSync(join(tmpdir(), 'visuomotor-'))
const shapes = { kind: 'folder', directory: join(home, 'shapes'), captions: 'captions.jsonl' } as const
const suiteOf = (...evaluators: { kind: string }[]) => ({
  name: 'shapes',
  tests: { shapes: { data: shapes, evaluators } },
})
const evaluated = (directory: string, ...evaluators: { kind: string }[]) =>
  evaluateSuite(directory, suiteOf(...evaluators), { workers: 0, threads: 1 })

beforeAll(() => drawShapes(join(home, 'shapes')))

describe('a suite judges', () => {
  const results: Record<string, SuiteResult> = {}

  test.each(['clip', 'clip-float16', 'siglip2'] as const)(
    'the folder of Hugging Face %s, by its weights',
    async (name) => {
      const result = await evaluated(pretrained(name), { kind: 'retrieval' })
      results[name] = result
      expect(Object.keys(result.provenance.model)).toContain('model.safetensors')
      expect(result.tests.shapes!.retrieval!.metrics['imageToText.R@1']).toMatchObject({
        count: 24,
        better: 'max',
      })
    },
  )

  test.each(['siglip', 'vision-text'] as const)(
    'a bundle of ours of the kind %s, by its ONNX files',
    async (type) => {
      const directory = join(home, type)
      await writeBundle(directory, tinyBundle(type))
      const result = await evaluated(directory, { kind: 'retrieval' })
      results[type] = result
      expect(Object.keys(result.provenance.model)).toContain('onnx/text_model.onnx')
      expect(Object.keys(result.provenance.model)).not.toContain('model.safetensors')
      // What runs is the file, and the manifest says which one.
      writeFileSync(join(directory, 'onnx/text_model.onnx'), 'changed')
      await expect(evaluated(directory, { kind: 'retrieval' })).rejects.toMatchObject({
        code: 'bundle/altered',
      })
    },
  )

  test('models of other families and tokenizers side by side, on the same samples', () => {
    const { shapes: compared } = compareResults(results.clip!, results['vision-text']!).tests
    const { paired } = compared!.retrieval!.metrics['imageToText.R@1']!
    expect(paired).toMatchObject({ pairs: 24 })
    expect(paired!.mcNemar!.p).toBeGreaterThan(0)
  })

  test('a sum of objectives: each number sample by sample, and its shared space', async () => {
    const tower = { width: 16, depth: 1, heads: 2 }
    const towers = { image: { size: 16, patch: 4, ...tower }, text: { length: 12, ...tower } }
    const { directory } = await train(
      {
        name: 'sum',
        data: shapes,
        images: { resolution: 16 },
        texts: { vocabularySize: 560 },
        model: vlm({ ...towers, projection: 16, masked: tower, decoder: tower }),
        objective: sum([contrastive(), masked(), captioning()]),
        optimizer: { kind: 'adamW', learningRate: 3e-3 },
        schedule: { kind: 'cosine', warmupSteps: 1 },
        batches: { size: 12 },
        epochs: 1,
        machine: { workers: 0, threads: 1 },
      },
      { out: join(home, 'sum') },
    )
    const { shapes: found } = (await evaluated(directory, objective(), { kind: 'retrieval' })).tests
    const { metrics, samples, headline } = found!.objective!
    expect(headline).toEqual(['contrastive.imageToText.R@1'])
    for (const path of ['masked.withImage.loss', 'captioning.wordAccuracy', 'contrastive.textToImage.R@1']) {
      const { ids, values } = samples[path]!
      const { value, interval, count } = metrics[path]!
      expect(ids).toHaveLength(24)
      expect([count, values.reduce((total, each) => total + each, 0) / 24]).toEqual([
        24,
        expect.closeTo(value, 9),
      ])
      expect(interval![0]).toBeLessThanOrEqual(value)
      expect(interval![1]).toBeGreaterThanOrEqual(value)
    }
    expect(metrics['captioning.perplexity']).toMatchObject({ better: 'min' })
    expect(found!.retrieval!.headline).toHaveLength(2)
  })
})
