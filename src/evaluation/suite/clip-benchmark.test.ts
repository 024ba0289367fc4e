import { expect, test } from 'vitest'
import { clipBenchmarkLines } from './clip-benchmark.ts'
import type { Findings } from './evaluator.ts'
import type { SuiteResult } from './suite-result.ts'

const findings = (values: Record<string, number>): Findings => ({
  metrics: Object.fromEntries(Object.entries(values).map(([path, value]) => [path, { value, count: 10 }])),
  headline: [],
  samples: {},
  sections: [],
})

test('results have the names of CLIP_benchmark, as fractions; what it has no task for is left out', () => {
  const tests = {
    photos: {
      retrieval: findings({ 'imageToText.R@5': 50, 'textToImage.R@5': 40, 'imageToText.MedR': 3 }),
      zeroShot: findings({ accuracy: 0.5, meanPerClassRecall: 0.4, f1: 0.3 }),
      zeroShot2: findings({ accuracy: 0.6, top5Accuracy: 0.9, meanPerClassRecall: 0.5 }),
      features: findings({ diversity: 1 }),
    },
  }
  const result = { directory: 'models/vit/', tests } as unknown as SuiteResult
  const common = { dataset: 'photos', model: 'clip', pretrained: 'vit', language: 'en' }
  expect(clipBenchmarkLines(result, 'clip')).toEqual([
    {
      ...common,
      task: 'zeroshot_retrieval',
      metrics: { 'image_retrieval_recall@5': 0.4, 'text_retrieval_recall@5': 0.5 },
    },
    { ...common, task: 'zeroshot_classification', metrics: { acc1: 0.5, mean_per_class_recall: 0.4 } },
    {
      ...common,
      task: 'zeroshot_classification',
      metrics: { acc1: 0.6, acc5: 0.9, mean_per_class_recall: 0.5 },
    },
  ])
})
