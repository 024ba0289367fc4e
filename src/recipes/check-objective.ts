import type { z } from 'zod'
import { nearestName } from '../core/index.ts'
import type { Experiment } from './experiment.ts'

/** That the objective is one for the model, and speaks of heads that the model has. */
export function checkObjective(
  { model, objective, stages = [] }: Pick<Experiment, 'model' | 'objective' | 'stages'>,
  { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  const wrong = (message: string, ...path: (string | number)[]) =>
    addIssue({ code: 'custom', message, path: path.length > 0 ? path : ['objective'] })
  for (const [number, { name }] of stages.entries()) {
    if (stages.findIndex((stage) => stage.name === name) < number)
      wrong(`there is a stage '${name}' already`, 'stages', number, 'name')
  }
  const isPolicy = model.model_type === 'visuomotor_policy'
  if (objective.name === 'contrastive') {
    if (stages.length > 0) wrong('stages are those of a policy, whose objective is imitation()', 'stages')
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
    ...(objective.heads ?? []).map((head, i) => [head, 'objective', 'heads', i] as const),
    ...('weights' in weighting ? Object.keys(weighting.weights) : []).map(
      (head) => [head, 'objective', 'weighting', 'weights', head] as const,
    ),
    ...stages.flatMap((stage, number) =>
      stage.heads.map((head, i) => [head, 'stages', number, 'heads', i] as const),
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
