import { robustnessEvaluator } from './robustness.ts'

export { type AxisName, axisNames } from './axes.ts'
export {
  type RobustnessInput,
  type RobustnessOptions,
  robustness,
  robustnessEvaluator,
} from './robustness.ts'
export { robustnessSuite, tabletopRobustnessSuite } from './robustness-suite.ts'

/** Evaluators of this folder by their kind. */
export const robustnessEvaluators = { robustness: robustnessEvaluator } as const
