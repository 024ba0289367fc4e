import { expect, test } from 'vitest'
import { evaluators } from './evaluators.ts'
import { retrieval } from './retrieval.ts'
import { parseSuite, suite } from './suite.ts'

const data = { kind: 'emoji', split: 'heldOutStyle' } as const
const problemsOf = (input: unknown) => {
  try {
    parseSuite(input, evaluators)
  } catch (error) {
    return (error as { facts: { problems: string[] } }).facts.problems
  }
  return []
}

test('fills in every default, so that a second pass changes nothing', () => {
  const parsed = parseSuite(
    suite({ name: 'mine', tests: { style: { data, evaluators: [retrieval(), { kind: 'answers' }] } } }),
    evaluators,
  )
  expect(parsed).toMatchObject({ seed: 0, tests: { style: { data } } })
  expect(parsed.tests.style!.evaluators[1]).toMatchObject({ tolerances: { overlap: 0.5, position: 0.1 } })
  expect(parseSuite(JSON.parse(JSON.stringify(parsed)), evaluators)).toEqual(parsed)
})

test('takes a source for its description', () => {
  const source = { name: 'mine', spec: data, async *samples() {} }
  const tests = { style: { data: source, evaluators: [retrieval()] } }
  expect(parseSuite({ name: 'mine', tests }, evaluators).tests.style!.data).toEqual(data)
})

test.each([
  [{ name: 'a', tests: {} }, 'tests: name a data set'],
  [{ name: 'a', tests: { x: { data, evaluators: [] } } }, /^tests\.x\.evaluators: /],
  [
    { name: 'a', tests: { x: { data, evaluators: [{ kind: 'answer' }] } } },
    "tests.x.evaluators.0.kind: there is no 'answer'; did you mean 'answers'?",
  ],
  [
    { name: 'a', tests: { x: { data: { kind: 'folde', directory: 'y' }, evaluators: [retrieval()] } } },
    "tests.x.data.kind: there is no 'folde'; did you mean 'folder'?",
  ],
  [
    { name: 'a', tests: { x: { data, evaluator: [], evaluators: [retrieval()] } } },
    "tests.x.evaluator: there is no such key; did you mean 'evaluators'?",
  ],
  [{ name: '../a', tests: { x: { data, evaluators: [retrieval()] } } }, /^name: a name has letters/],
  ['no suite', /expected object/],
])('refuses %j', (input, problem) => {
  expect(problemsOf(input)).toEqual([expect.stringMatching(problem)])
})
