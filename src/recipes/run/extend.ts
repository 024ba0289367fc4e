import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, checkpointFiles, latestCheckpoint, readProgress, runFiles } from '../../core/index.ts'
import { formatNumber } from '../../report/index.ts'
import { Monitor } from '../../training/index.ts'
import { optimizerOf, scheduleOf } from '../recipe/optimization.ts'
import type { Recipe } from '../recipe/schema.ts'
import type { RunData } from './data.ts'
import { writeRecipe } from './directory.ts'
import { stepsOf } from './pace.ts'

/** The recipe of a run with more passes over the data, and sentences about the change. */
export interface Extension {
  readonly recipe: Recipe
  readonly notes: readonly string[]
}

/**
 * The extension of a run to `epochs` passes in all.
 * @throws ConfigError `run/epochs` for passes that the run has done already, for a run in stages, and for a run that its
 * validation ended.
 */
export function extensionOf(run: string, recipe: Recipe, data: RunData, epochs: number): Extension {
  const checkpoint = latestCheckpoint(run)
  const progress =
    checkpoint === undefined ? undefined : readProgress(join(checkpoint, checkpointFiles.state))
  const step = progress?.step ?? 0
  const longer = { ...recipe, epochs }
  const [before, after] = [recipe, longer].map((each) => stepsOf(each.epochs, each, data)) as [number, number]
  const refusal =
    refusalOf(recipe, progress?.monitor) ?? (after <= step ? done(step, recipe, data) : undefined)
  if (refusal !== undefined)
    throw new ConfigError('run/epochs', `${run} cannot go on to ${epochs} epochs: ${refusal}`, {
      run,
      epochs,
    })
  return { recipe: longer, notes: notesOf(longer, recipe.epochs, data, { step, before, after }) }
}

/** Store the longer recipe, and remove the results of the shorter run, which the longer one writes again. */
export function storeExtension(run: string, recipe: Recipe): void {
  writeRecipe(run, recipe)
  for (const file of [runFiles.summary, runFiles.examples, runFiles.report])
    rmSync(join(run, file), { force: true })
}

function refusalOf(recipe: Recipe, state: Monitor['state'] | undefined): string | undefined {
  const { monitor: metric = '', direction, patience, stopAt } = recipe.validation
  if (recipe.stages) return 'it has stages, each with epochs of its own. Begin another run'
  if (!state) return undefined
  const monitor = new Monitor({
    metric,
    ...(direction && { direction }),
    ...(patience !== undefined && { patience }),
    ...(stopAt !== undefined && { target: stopAt }),
  })
  monitor.state = state
  if (!monitor.exhausted) return undefined
  return 'its validation ended it (validation.patience, validation.stopAt), and would again. Begin another run'
}

const done = (step: number, { batches }: Recipe, { samplesPerEpoch }: RunData): string =>
  `it has done ${formatNumber(Number(((step * batches.size) / samplesPerEpoch).toFixed(2)))} of them. Name more`

function notesOf(
  recipe: Recipe,
  epochs: number,
  data: RunData,
  { step, before, after }: { readonly step: number; readonly before: number; readonly after: number },
): string[] {
  const stepsPerEpoch = data.samplesPerEpoch / recipe.batches.size
  const schedule = scheduleOf(recipe.schedule)
  const factor = (at: number, totalSteps: number): string =>
    `${formatNumber(100 * schedule.factorAt(at, { totalSteps, stepsPerEpoch }), 1)} %`
  const { learningRate } = optimizerOf(recipe.optimizer)
  return [
    `epochs ${epochs} → ${recipe.epochs}: ${after} steps in all instead of ${before}, from step ${step + 1} on`,
    `schedule ${schedule.kind} now spans all ${after} steps: step ${step + 1} learns at ` +
      `${factor(step + 1, after)} of the learning rate ${learningRate}, after ${factor(Math.max(1, step), before)} ` +
      'before',
  ]
}
