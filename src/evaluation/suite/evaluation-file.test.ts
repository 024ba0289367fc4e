import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readEvaluation, writeEvaluation } from './evaluation-file.ts'
import type { SuiteResult } from './suite-result.ts'

const measured = { value: 0.5, interval: [0.1, 0.9], better: 'max', unit: 'points', count: 2 } as const
const result: SuiteResult = {
  suite: 'mine',
  directory: 'runs/mine',
  tests: {
    photos: {
      obedience: {
        metrics: { difference: measured, broken: { value: Number.NaN, count: 2 } },
        headline: ['difference'],
        samples: { difference: { ids: ['a', 'b'], values: [0, Number.NaN], clusters: ['x', 'x'] } },
        details: { refused: 1 },
        sections: [],
      },
    },
  },
  aggregate: { 'obedience/difference': { mean: 0.5, worst: { test: 'photos', measured }, tests: 1 } },
  provenance: {
    ...{ model: { 'model.onnx': 'digest' }, data: { photos: { sha256: 'digest', samples: 2 } } },
    ...{ versions: { node: '20' }, seed: 3, suite: { name: 'mine', seed: 3, tests: {} } },
    ...{ settings: { device: 'cpu', onBadSample: 'fail' }, command: ['evaluate'] },
  },
}

test('an evaluation is read as it was written: units, clusters and what is not a number', () => {
  const directory = mkdtempSync(join(tmpdir(), 'visuomotor-'))
  const { numbers, earlier } = writeEvaluation(directory, result)
  expect(earlier).toBeUndefined()
  expect(readEvaluation(numbers)).toEqual(result)
  expect(writeEvaluation(directory, result).earlier).toContain('evaluation.1')
})
