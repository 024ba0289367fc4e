import { formatNumber } from '../report/index.ts'
import type { Experiment } from './experiment.ts'
import { optimizerOf, scheduleOf } from './optimization.ts'
import { stepsOf } from './pace.ts'
import type { RunData } from './run-data.ts'

/**
 * What is allowed, but hardly meant, in how long a run is for its data: a sentence each, with keys and numbers. Recipes
 * of others, made for more data, bring it about.
 */
export const paceWarnings = (config: Experiment, data: RunData): string[] =>
  [...smallData(config, data), ...longWarmUp(config, data)].map((text) => `warning: ${text}`)

function smallData({ batchSize }: Experiment, { training: { name, size } }: RunData): string[] {
  if (size === undefined || batchSize <= size) return []
  const often = `${formatNumber(batchSize / size, 1)} times on average`
  return [
    `batchSize ${batchSize} is more than the ${size} samples of ${name}: each batch repeats them, ${often}`,
  ]
}

function longWarmUp(config: Experiment, data: RunData): string[] {
  const { warmupSteps = 0, warmupEpochs = 0 } = config.schedule.options
  const stepsPerEpoch = data.samplesPerEpoch / config.batchSize
  const totalSteps = stepsOf(config.epochs, config, data)
  if (Number(warmupSteps) + Number(warmupEpochs) * stepsPerEpoch <= totalSteps) return []
  const key = warmupEpochs ? `warmupEpochs ${warmupEpochs}` : `warmupSteps ${warmupSteps}`
  const reached = scheduleOf(config.schedule).factorAt(totalSteps, { totalSteps, stepsPerEpoch })
  const { learningRate } = optimizerOf(config.optimizer)
  return [
    `schedule.options.${key}, but the run has ${totalSteps} steps in all: the learning rate ends at ` +
      `${formatNumber(100 * reached, 1)} % of the ${learningRate} asked for`,
  ]
}
