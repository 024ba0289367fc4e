import { robustness } from './robustness.ts'

/**
 * The suite `robustness`, as data: emoji in a style that was not trained, 41 passes over some 1,600 images and texts. `policy`
 * is what takes its place for policies on generated data of the tabletop.
 */
export const robustnessSuite = {
  name: 'robustness',
  tests: {
    heldOutStyle: { data: { kind: 'emoji', split: 'heldOutStyle' }, evaluators: [robustness()] },
  },
} as const
