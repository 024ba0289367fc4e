import { ConfigError } from '../../core/index.ts'
import { isDualEncoder, isPolicy, type Model } from '../../models/index.ts'
import type { Experiment } from '../experiment.ts'
import { ContrastiveLearner } from './contrastive-learner.ts'
import type { Learner } from './learner.ts'
import { PolicyLearner } from './policy-learner.ts'

export type { Learner } from './learner.ts'

/** The recipe's objective at work on a model. */
export function learnerOf(
  model: Model,
  config: Pick<Experiment, 'objective' | 'seed' | 'precision'>,
  totalSteps: number,
): Learner {
  const { objective, seed, precision } = config
  if (isPolicy(model) && objective.name === 'imitation')
    return new PolicyLearner(model, objective, { seed, precision, totalSteps })
  if (isDualEncoder(model)) return new ContrastiveLearner(model, config)
  throw new ConfigError(
    'config/objective',
    `a ${model.config.model_type} model cannot learn by ${objective.name}`,
  )
}
