import type { Experiment } from '../experiment.ts'
import { fineTuningRates } from '../fine-tuning.ts'
import type { ImitationObjective } from '../objective.ts'
import type { Stage } from './stage.ts'

/** The heads that are trained in a stage: its own, and with `rehearse` those of the stages before. */
export function headsOfStage(stages: readonly Stage[], index: number): string[] {
  const { heads, rehearse } = stages[index]!
  const before = rehearse ? stages.slice(0, index).flatMap((stage) => stage.heads) : []
  return [...new Set([...before, ...heads])]
}

export const monitorOfStage = ({ heads, monitor }: Stage): string =>
  monitor ?? (heads.length === 1 ? `${heads[0]}.success` : 'success')

/**
 * The recipe of one stage: that of the whole with the stage's heads, data and budget, which ends as soon as the
 * threshold is reached. Heads that are not trained are frozen, so that decay does not touch them either.
 * @param model That of the whole run, with its vocabulary and units.
 * @param base The run that it goes on from; undefined: what the recipe begins with.
 */
export function stageRecipe(
  config: Experiment,
  model: Experiment['model'],
  index: number,
  base: string | undefined,
): Experiment {
  const { stages = [], objective, parameters, validation, generate: _, ...rest } = config
  const stage = stages[index]!
  const heads = headsOfStage(stages, index)
  const others = 'heads' in model ? Object.keys(model.heads).filter((head) => !heads.includes(head)) : []
  return {
    ...rest,
    name: stage.name,
    model,
    tests: {},
    ...(base !== undefined && { base }),
    objective: objective.name === 'imitation' ? forHeads(objective, heads) : objective,
    parameters: [
      ...(isTuned(config, base) ? fineTuningRates(config) : parameters).filter(
        ({ pattern }) => !isWeightOf(others, pattern),
      ),
      ...others.map((head) => ({ pattern: `heads.${pathOf(head)}.*`, freeze: true })),
    ],
    data: stage.data ?? config.data,
    ...((stage.validation ?? validation) && { validation: stage.validation ?? validation }),
    epochs: stage.epochs,
    batchSize: stage.batchSize,
    monitor: monitorOfStage(stage),
    stopAt: stage.threshold,
    validateEveryEpochs: Math.min(config.validateEveryEpochs, stage.epochs),
    checkpointEveryEpochs: Math.min(config.checkpointEveryEpochs, stage.epochs),
  }
}

/** Whether a stage learns at the rates of fine-tuning: on a base, where the recipe has no `parameters`. */
export const isTuned = ({ parameters }: Experiment, base: string | undefined): boolean =>
  base !== undefined && parameters.length === 0

/** The objective of these heads: weights of others, which are not trained, would weigh nothing. */
function forHeads(objective: ImitationObjective, names: readonly string[]): ImitationObjective {
  const heads = names as [string, ...string[]]
  const { weighting } = objective
  if (!('weights' in weighting)) return { ...objective, heads }
  const own = Object.entries<unknown>(weighting.weights).filter(([head]) => heads.includes(head))
  return {
    ...objective,
    heads,
    weighting: { ...weighting, weights: Object.fromEntries(own) } as typeof weighting,
  }
}

/** Whether a pattern is of the learned weight of one of these heads alone, which a stage without it does not have. */
const isWeightOf = (heads: readonly string[], pattern: string): boolean =>
  heads.some((head) => pattern === `log_variances.${head}`)

/** A head's name as it stands in the paths of its parameters. */
const pathOf = (head: string): string => head.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
