import type { Evaluators } from '../suite/evaluator.ts'
import { compositionalityEvaluator } from './compositionality.ts'
import { featuresEvaluator } from './features.ts'
import { linearProbeEvaluator } from './linear-probe.ts'
import { nearestNeighboursEvaluator } from './nearest-neighbours.ts'
import { transferEvaluator } from './transfer.ts'
import { zeroShotEvaluator } from './zero-shot.ts'

export { type CompositionalityOptions, compositionality } from './compositionality.ts'
export { type FeaturesOptions, features } from './features.ts'
export { type LinearProbeOptions, linearProbe } from './linear-probe.ts'
export { type NearestNeighboursOptions, nearestNeighbours } from './nearest-neighbours.ts'
export { type PromptTemplates, promptTemplates } from './prompt-templates.ts'
export { type TransferOptions, transfer } from './transfer.ts'
export { type ZeroShotOptions, zeroShot } from './zero-shot.ts'

/** Evaluators of models whose images and texts share a space, by their kind. */
export const dualEvaluators = {
  zeroShot: zeroShotEvaluator,
  linearProbe: linearProbeEvaluator,
  nearestNeighbours: nearestNeighboursEvaluator,
  features: featuresEvaluator,
  transfer: transferEvaluator,
  compositionality: compositionalityEvaluator,
} satisfies Evaluators
