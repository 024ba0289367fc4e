import { expect, test } from 'vitest'
import { z } from 'zod'
import { DataError } from '../../core/index.ts'
import type { Source } from '../../data/index.ts'
import type { ModelDescription } from '../../deploy/index.ts'
import type { Evaluator, Evaluators } from './evaluator.ts'
import { ModelUnderTest } from './model-under-test.ts'
import { runSuite } from './run-suite.ts'

const source: Source = { name: 'mine', async *samples() {} }
const data = { kind: 'own', name: 'mine' } as const
const model = () =>
  new ModelUnderTest({
    ...{ directory: 'runs/mine', description: {} as ModelDescription, files: {}, seed: 1 },
    openSource: () => source,
  })
const row = (kind: string, evaluate: Evaluator['evaluate'], more: Partial<Evaluator> = {}): Evaluator => ({
  schema: z.strictObject({ kind: z.literal(kind) }),
  refusal: () => undefined,
  evaluate,
  ...more,
})
const evaluators: Evaluators = {
  right: row('right', async ({ uses }) => {
    uses('robot.xml', 'digest')
    return { metrics: { a: { value: 1, count: 1 } }, headline: ['a'], samples: {}, sections: [] }
  }),
  late: row('late', async () => {
    throw new DataError('data/no-labels', 'it has no labels')
  }),
  broken: row('broken', async () => {
    throw new TypeError('a mistake')
  }),
}
const suiteOf = (...tests: readonly (readonly string[])[]) => ({
  ...{ name: 'mine', seed: 1 },
  tests: Object.fromEntries(
    tests.map((kinds, i) => [`test${i}`, { data, evaluators: kinds.map((kind) => ({ kind })) }]),
  ),
})

test('an evaluator that fails is named, and the findings of those before and after it are kept', async () => {
  const found = await runSuite(suiteOf(['right', 'late'], ['broken', 'right', 'right']), model(), evaluators)
  expect(Object.keys(found.tests.test0!)).toEqual(['right'])
  expect(Object.keys(found.tests.test1!)).toEqual(['right', 'right2'])
  expect(found.aggregate['right/a']).toMatchObject({ mean: 1, tests: 2 })
  expect(found.failed).toEqual([
    { test: 'test0', evaluator: 'late', code: 'data/no-labels', message: 'it has no labels' },
    { test: 'test1', evaluator: 'broken', code: 'internal', message: 'a mistake' },
  ])
  expect(await runSuite(suiteOf(['right']), model(), evaluators)).not.toHaveProperty('failed')
})

test('where none ends well the first error is that of the suite', async () => {
  await expect(runSuite(suiteOf(['late'], ['broken']), model(), evaluators)).rejects.toMatchObject({
    code: 'data/no-labels',
  })
})

test('a test without data is for evaluators that draw scenes of their own', async () => {
  const suite = { name: 'mine', seed: 1, tests: { scenes: { evaluators: [{ kind: 'right' }] } } }
  await expect(runSuite(suite, model(), evaluators)).rejects.toThrow(
    'scenes, right: it needs data: name the data of the test',
  )
  const drawing = { right: { ...evaluators.right!, drawsScenes: true } }
  const judged = model()
  expect((await runSuite(suite, judged, drawing)).tests.scenes!.right!.headline).toEqual(['a'])
  expect(await judged.data()).toEqual({})
  expect(judged.files).toEqual({ 'robot.xml': 'digest' })
})
