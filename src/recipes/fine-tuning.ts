import type { ParameterRule } from '../optim/index.ts'
import type { Experiment } from './experiment.ts'

/**
 * Learning rates of a policy on a base, as factors of the optimizer's, which is that of the heads: the towers learn at
 * 1/100 of it, what lies between them and the heads at 1/10, the learned weights of tasks at 10. With the rate 1e-4
 * these are 1e-6, 1e-5, 1e-4 and 1e-3. Other models learn at one rate.
 */
export function fineTuningRates({ model, objective }: Pick<Experiment, 'model' | 'objective'>) {
  if (!('heads' in model)) return []
  const isLearned = objective.name === 'imitation' && objective.weighting.kind === 'uncertainty'
  return [
    { pattern: '*_model.*', learningRate: 0.01 },
    { pattern: 'fusion.*', learningRate: 0.1 },
    { pattern: 'read_out.*', learningRate: 0.1 },
    { pattern: 'shared.*', learningRate: 0.1 },
    ...(isLearned ? [{ pattern: 'log_variances.*', learningRate: 10 }] : []),
  ] satisfies ParameterRule[]
}
