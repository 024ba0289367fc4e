import { formatNumber } from '../../report/index.ts'
import { optimizerOf, scheduleOf } from '../recipe/optimization.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { RunData } from './data.ts'

/** Tolerance for rounding a number of steps: 0.07 epochs of 100 samples in batches of 1 are 7.000000000000001 steps. */
const rounding = 1e-6

/**
 * Number of steps in so many epochs, at least one. Batches continue from one pass into the next, so only the last batch
 * is filled up, from the first samples of the next pass, so that no sample is left out.
 */
export const stepsOf = (
  epochs: number,
  { batches }: { readonly batches: Pick<Recipe['batches'], 'size'> },
  { samplesPerEpoch }: Pick<RunData, 'samplesPerEpoch'>,
): number => Math.max(1, Math.ceil((epochs * samplesPerEpoch) / batches.size - rounding))

/**
 * Warnings about a run that is too short for its recipe, a sentence each, with keys and values. They occur with recipes
 * that were made for more data.
 */
export const paceWarnings = (recipe: Recipe, data: RunData): string[] =>
  [...smallData(recipe, data), ...longWarmUp(recipe, data)].map((text) => `warning: ${text}`)

function smallData({ batches }: Recipe, { training: { name, size } }: RunData): string[] {
  if (size === undefined || batches.size <= size) return []
  const often = `${formatNumber(batches.size / size, 1)} times on average`
  return [
    `batches.size ${batches.size} is more than the ${size} samples of ${name}: each batch repeats them, ${often}`,
  ]
}

function longWarmUp(recipe: Recipe, data: RunData): string[] {
  const { warmupSteps = 0, warmupEpochs = 0 } = recipe.schedule
  const stepsPerEpoch = data.samplesPerEpoch / recipe.batches.size
  const totalSteps = stepsOf(recipe.epochs, recipe, data)
  if (Number(warmupSteps) + Number(warmupEpochs) * stepsPerEpoch <= totalSteps) return []
  const key = warmupEpochs ? `warmupEpochs ${warmupEpochs}` : `warmupSteps ${warmupSteps}`
  const reached = scheduleOf(recipe.schedule).factorAt(totalSteps, { totalSteps, stepsPerEpoch })
  const { learningRate } = optimizerOf(recipe.optimizer)
  return [
    `schedule.${key}, but the run has ${totalSteps} steps in all: the learning rate ends at ` +
      `${formatNumber(100 * reached, 1)} % of the ${learningRate} asked for`,
  ]
}
