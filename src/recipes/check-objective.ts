import type { z } from 'zod'
import { nearestName } from '../core/index.ts'
import type { Experiment } from './experiment.ts'

/** That the objective is one for the model, and speaks of heads that the model has. */
export function checkObjective(
  { model, objective }: Pick<Experiment, 'model' | 'objective'>,
  { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  const wrong = (message: string, ...path: (string | number)[]) =>
    addIssue({ code: 'custom', message, path: ['objective', ...path] })
  const isPolicy = model.model_type === 'visuomotor_policy'
  if (objective.name === 'contrastive') {
    if (isPolicy) wrong('a policy has no space that images and texts share; its objective is imitation()')
    return
  }
  if (!isPolicy) {
    wrong(
      `a ${model.model_type} model has no heads to learn with; make it a policy({ … }), and this model its base`,
    )
    return
  }
  const heads = Object.keys(model.heads)
  const { weighting } = objective
  const named = [
    ...(objective.heads ?? []).map((head, i) => [head, 'heads', i] as const),
    ...('weights' in weighting ? Object.keys(weighting.weights) : []).map(
      (head) => [head, 'weighting', 'weights', head] as const,
    ),
  ]
  for (const [head, ...path] of named) {
    if (heads.includes(head)) continue
    const nearest = nearestName(head, heads)
    wrong(
      `the model has no head '${head}'; ${nearest ? `did you mean '${nearest}'?` : `it has ${heads.join(', ')}`}`,
      ...path,
    )
  }
}
