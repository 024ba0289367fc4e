import type { SuiteInput } from '../suite/suite.ts'
import { robustness } from './robustness.ts'

/** Dual encoders under corruption, on emoji of a style that the recipe `emoji` never trains on: 39 passes, of some 1,600 samples each. */
export const robustnessSuite = (): SuiteInput => ({
  name: 'robustness',
  seed: 7,
  tests: {
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
