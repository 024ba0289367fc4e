import { expect, test } from 'vitest'
import { parseSuiteFor, registryOf, suites } from '../index.ts'

test.each(Object.entries(suites))(
  'the suite %s is valid, under its own name, with one seed',
  (name, make) => {
    const suite = parseSuiteFor(make(), registryOf())
    expect(suite).toMatchObject({ name, seed: 7 })
    expect(parseSuiteFor(suite, registryOf())).toEqual(suite)
  },
)

test('every built-in suite of emoji takes data that the recipe never trains on', () => {
  const splits = ['emoji', 'emoji-objective', 'robustness'].flatMap((name) =>
    Object.values(suites[name]!().tests).map(({ data }) => (data as { split?: string }).split),
  )
  expect(splits.toSorted()).toEqual([
    ...Array<string>(3).fill('heldOutConcepts'),
    ...Array<string>(3).fill('heldOutStyle'),
  ])
})
