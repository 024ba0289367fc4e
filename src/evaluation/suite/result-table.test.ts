import { expect, test } from 'vitest'
import type { Findings } from './evaluator.ts'
import { resultTable } from './result-table.ts'
import type { SuiteResult } from './suite-result.ts'

const findings = (values: readonly number[]): Findings => ({
  metrics: {
    'heldOutScenes.navigation': { value: 0.5, interval: [0.25, 0.75], better: 'max', count: values.length },
  },
  headline: ['heldOutScenes.navigation'],
  samples: { 'heldOutScenes.navigation': { ids: values.map(String), values } },
  sections: [],
})

test('a table gives what its page gives: percent of what is right or wrong, whatever its name, and else the number', () => {
  const worst = {
    test: 'b',
    measured: findings([0.5, 0.5]).metrics['heldOutScenes.navigation']!,
  }
  const result = {
    tests: { a: { rollouts: findings([0, 1]) }, b: { rollouts: findings([0.5, 0.5]) } },
    aggregate: { 'rollouts/heldOutScenes.navigation': { mean: 0.5, worst, spread: 0, tests: 2 } },
  } as unknown as SuiteResult
  expect(resultTable(result).rows).toEqual([
    ['a', 'rollouts', 'Held-out scenes · Navigation', '50.0 %', '25.0 to 75.0 %', 2],
    ['b', 'rollouts', 'Held-out scenes · Navigation', '0.5', '0.25 to 0.75', 2],
    ['mean of 2', 'rollouts', 'Held-out scenes · Navigation', '0.5', undefined, undefined],
    ['worst: b', 'rollouts', 'Held-out scenes · Navigation', '0.5', '0.25 to 0.75', 2],
  ])
})
