import type { SuiteInput } from '../suite/suite.ts'
import { robustness } from './robustness.ts'

/**
 * Dual encoders under corruption, on emoji that the recipe `emoji` never trains on: 39 passes over 183 samples of held-out concepts, and
 * over some 1,600 in a held-out style.
 */
export const robustnessSuite = (): SuiteInput => ({
  name: 'robustness',
  seed: 7,
  tests: {
    heldOutConcepts: { data: { kind: 'emoji', split: 'heldOutConcepts' }, evaluators: [robustness()] },
    heldOutStyle: { data: { kind: 'emoji', split: 'heldOutStyle' }, evaluators: [robustness()] },
  },
})

/** Policies under corruption of pictures and commands, on held-out scenes of the tabletop, at every other severity: 48 passes. */
export const tabletopRobustnessSuite = (): SuiteInput => ({
  name: 'tabletop-robustness',
  seed: 7,
  tests: {
    heldOutScenes: {
      data: { kind: 'tabletop', directory: 'data/tabletop', split: 'heldOutScenes' },
      evaluators: [robustness({ severities: [1, 3, 5] })],
    },
  },
})
