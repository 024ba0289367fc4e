import { robustnessEvaluator } from './robustness.ts'

export { type AxisName, axisNames } from './axes.ts'
export { type RobustnessInput, type RobustnessOptions, robustness } from './robustness.ts'

/** Evaluators of models under corruption, by their kind. */
export const robustnessEvaluators = { robustness: robustnessEvaluator } as const
