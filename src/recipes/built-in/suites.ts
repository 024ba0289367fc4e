import { answers, obedience, retrieval, rollouts, type SuiteInput } from '../../evaluation/index.ts'

/** Held-out tests of emoji for dual encoders: a style and concepts that the recipe `emoji` never trains on. */
export const emojiSuite = (): SuiteInput => ({
  name: 'emoji',
  seed: 7,
  tests: {
    heldOutStyle: { data: { kind: 'emoji', split: 'heldOutStyle' }, evaluators: [retrieval()] },
    heldOutConcepts: { data: { kind: 'emoji', split: 'heldOutConcepts' }, evaluators: [retrieval()] },
  },
})

/** Held-out tests of policies on the tabletop: scenes, phrasings, and pairs of colour and kind. */
export const tabletopSuite = (): SuiteInput => {
  const splits = ['heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'] as const
  const tests = splits.map((split) => {
    const data = { kind: 'tabletop', directory: 'data/tabletop', split } as const
    return [split, { data, evaluators: [answers()] }] as const
  })
  return { name: 'tabletop', seed: 7, tests: Object.fromEntries(tests) }
}

/** Policies that act: success in physics, and whether they do as they are told. Some minutes on two cores. */
export const tabletopActingSuite = (): SuiteInput => ({
  name: 'tabletop-acting',
  seed: 7,
  tests: {
    heldOutScenes: {
      data: { kind: 'tabletop', directory: 'data/tabletop', split: 'heldOutScenes' },
      evaluators: [rollouts({ splits: ['heldOutScenes'] }), obedience()],
    },
  },
})
