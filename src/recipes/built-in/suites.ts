import {
  answers,
  features,
  obedience,
  retrieval,
  robustness,
  rollouts,
  type SuiteInput,
  zeroShot,
} from '../../evaluation/index.ts'
import { objective } from '../run/objective-evaluator.ts'

const heldOutStyle = { kind: 'emoji', split: 'heldOutStyle' } as const
const heldOutConcepts = { kind: 'emoji', split: 'heldOutConcepts' } as const
const heldOutScenes = { kind: 'tabletop', directory: 'data/tabletop', split: 'heldOutScenes' } as const

/**
 * Dual encoders on emoji that the recipe `emoji` never trains on: retrieval, the space and its map in a style; retrieval and
 * zero-shot classification by the name alone among concepts. One pass over each.
 */
export const emojiSuite = (): SuiteInput => ({
  name: 'emoji',
  seed: 7,
  tests: {
    heldOutStyle: { data: heldOutStyle, evaluators: [retrieval(), features()] },
    heldOutConcepts: { data: heldOutConcepts, evaluators: [retrieval(), zeroShot({ templates: 'name' })] },
  },
})

/** Any model of images and texts on the same emoji, by its own objective: retrieval, masked words, captions. One pass over each. */
export const emojiObjectiveSuite = (): SuiteInput => ({
  name: 'emoji-objective',
  seed: 7,
  tests: {
    heldOutStyle: { data: heldOutStyle, evaluators: [objective()] },
    heldOutConcepts: { data: heldOutConcepts, evaluators: [objective()] },
  },
})

/**
 * Dual encoders under corruption, on emoji that the recipe `emoji` never trains on: 39 passes over 183 samples of held-out concepts, and
 * over some 1,600 in a held-out style.
 */
export const robustnessSuite = (): SuiteInput => ({
  name: 'robustness',
  seed: 7,
  tests: {
    heldOutConcepts: { data: heldOutConcepts, evaluators: [robustness()] },
    heldOutStyle: { data: heldOutStyle, evaluators: [robustness()] },
  },
})

/** Held-out tests of policies on the tabletop: scenes, phrasings, and pairs of colour and kind. Two passes over each. */
export const tabletopSuite = (): SuiteInput => {
  const splits = ['heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'] as const
  const tests = splits.map((split) => [split, { data: { ...heldOutScenes, split }, evaluators: [answers()] }])
  return { name: 'tabletop', seed: 7, tests: Object.fromEntries(tests) }
}

/** Policies that act in scenes of their own: success in physics, and whether they do as they are told. Some minutes on two cores. */
export const tabletopActingSuite = (): SuiteInput => ({
  name: 'tabletop-acting',
  seed: 7,
  tests: {
    heldOutScenes: { evaluators: [rollouts({ splits: ['heldOutScenes'] }), obedience()] },
  },
})

/**
 * Policies under corruption of pictures and commands, on every fourth held-out scene of the tabletop, at every other severity: 48
 * passes over some 1,000 samples.
 */
export const tabletopRobustnessSuite = (): SuiteInput => {
  const data = { kind: 'filter', of: heldOutScenes, keep: { every: 4 } } as const
  const tests = { heldOutScenes: { data, evaluators: [robustness({ severities: [1, 3, 5] })] } }
  return { name: 'tabletop-robustness', seed: 7, tests }
}
