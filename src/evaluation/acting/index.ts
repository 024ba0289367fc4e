import { obedienceEvaluator } from './obedience.ts'
import { policyRobustnessEvaluator } from './policy-robustness.ts'
import { rolloutsEvaluator } from './rollouts.ts'

export { type ObedienceOptions, obedience } from './obedience.ts'
export { type PolicyRobustnessOptions, policyRobustness } from './policy-robustness.ts'
export { type RolloutsOptions, rollouts } from './rollouts.ts'

/** Evaluators of policies by acting, by their kind. */
export const actingEvaluators = {
  rollouts: rolloutsEvaluator,
  obedience: obedienceEvaluator,
  policyRobustness: policyRobustnessEvaluator,
}
