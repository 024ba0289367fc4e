import { obedienceEvaluator } from './obedience.ts'
import { policyRobustnessEvaluator } from './policy-robustness.ts'
import { rolloutEvaluator } from './rollout.ts'

export { obedience } from './obedience.ts'
export { policyRobustness } from './policy-robustness.ts'
export { rollouts } from './rollout.ts'

/** Evaluators of policies by acting, by their kind. */
export const actingEvaluators = {
  rollout: rolloutEvaluator,
  obedience: obedienceEvaluator,
  policyRobustness: policyRobustnessEvaluator,
}
