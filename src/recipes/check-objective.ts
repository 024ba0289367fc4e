import type { z } from 'zod'
import { nearestName } from '../core/index.ts'
import { headKindOf } from '../models/index.ts'
import type { Experiment } from './experiment.ts'
import { headsOfStage, monitorOfStage } from './stages/stage-recipe.ts'

type Checked = Pick<Experiment, 'model' | 'objective' | 'stages' | 'monitor' | 'sampler' | 'validation'>
type Path = readonly (string | number)[]
/** What is wrong, and with which key. */
type Problem = readonly [message: string, ...path: Path]

/** That the objective is one for the model, speaks of heads that the model has, and that every stage can pass. */
export function checkObjective(config: Checked, { addIssue }: Pick<z.core.$RefinementCtx, 'addIssue'>): void {
  for (const [message, ...path] of problemsOf(config)) addIssue({ code: 'custom', message, path: [...path] })
}

function* problemsOf(config: Checked): Generator<Problem> {
  const { model, objective, stages = [] } = config
  yield* repeatedNames(stages)
  if (objective.name === 'contrastive') {
    if (stages.length > 0) yield ['stages are those of a policy, whose objective is imitation()', 'stages']
    if ('heads' in model)
      yield ['a policy has no space that images and texts share; its objective is imitation()', 'objective']
  } else if ('heads' in model) {
    const unknown = [...unknownHeads(config, Object.keys(model.heads))]
    yield* unknown
    if (unknown.length > 0) return
    yield* stages.length > 0 ? stageProblems(config, stages) : unknownScores(config)
  } else {
    const message = `a ${model.model_type} model has no heads to learn with; make it a policy({ … }), and this model its base`
    yield [message, 'objective']
  }
}

function* repeatedNames(stages: NonNullable<Checked['stages']>): Generator<Problem> {
  for (const [number, { name }] of stages.entries()) {
    if (stages.findIndex((stage) => stage.name === name) < number)
      yield [`there is a stage '${name}' already`, 'stages', number, 'name']
  }
}

/** Heads that are named anywhere, but that the model has not, or that `objective.heads` leaves out. */
function* unknownHeads({ objective, stages = [] }: Checked, heads: readonly string[]): Generator<Problem> {
  if (objective.name !== 'imitation') return
  const { weighting, heads: trained = heads } = objective
  const named: (readonly [head: string, ...path: Path])[] = [
    ...trained.map((head, i) => [head, 'objective', 'heads', i] as const),
    ...('weights' in weighting ? Object.keys(weighting.weights) : []).map(
      (head) => [head, 'objective', 'weighting', 'weights', head] as const,
    ),
    ...stages.flatMap((stage, number) =>
      stage.heads.map((head, i) => [head, 'stages', number, 'heads', i] as const),
    ),
  ]
  for (const [head, ...path] of named) {
    if (trained.includes(head) && heads.includes(head)) continue
    const nearest = nearestName(head, heads)
    const known = nearest ? `did you mean '${nearest}'?` : `it has ${heads.join(', ')}`
    yield heads.includes(head)
      ? [`objective.heads leaves the head '${head}' out`, ...path]
      : [`the model has no head '${head}'; ${known}`, ...path]
  }
}

/** What a validation must have of a policy without stages. */
function* unknownScores({ model, objective, monitor, sampler }: Checked): Generator<Problem> {
  const heads = (objective.name === 'imitation' && objective.heads) || headNames(model)
  const known = scoresOf(model, heads)
  if (monitor !== undefined) yield* unknownScore(monitor, known, 'monitor')
  if (sampler) yield* unknownScore(sampler.metric, known, 'sampler', 'metric')
}

function* stageProblems(
  { model, sampler, validation }: Checked,
  stages: NonNullable<Checked['stages']>,
): Generator<Problem> {
  for (const [number, stage] of stages.entries()) {
    const known = scoresOf(model, headsOfStage(stages, number))
    yield* unknownScore(monitorOfStage(stage), known, 'stages', number, 'monitor')
    if (sampler) yield* unknownScore(sampler.metric, known, 'sampler', 'metric')
    if (stage.validation ?? validation) continue
    const message = `nothing tells whether stage '${stage.name}' reaches its threshold: name validation data here or in the recipe`
    yield [message, 'stages', number, 'validation']
  }
}

const headNames = (model: Checked['model']): string[] => ('heads' in model ? Object.keys(model.heads) : [])

/** Paths of the numbers of a validation of which more is better. */
const scoresOf = (model: Checked['model'], heads: readonly string[]): string[] =>
  'heads' in model
    ? [
        'success',
        ...heads.flatMap((name) => {
          const head = model.heads[name]!
          return headKindOf(head)
            .scores(head)
            .map((score) => `${name}.${score}`)
        }),
      ]
    : []

function* unknownScore(name: string, known: readonly string[], ...path: Path): Generator<Problem> {
  if (known.includes(name)) return
  const nearest = nearestName(name, known)
  const others = nearest ? `did you mean '${nearest}'?` : `there are ${known.join(', ')}`
  yield [`the validation has no number '${name}' of which more is better; ${others}`, ...path]
}
