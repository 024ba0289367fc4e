import type { Batch } from '../../core/index.ts'
import { type Loader, loader } from '../../data/index.ts'
import { buildModel } from '../../models/index.ts'
import { batchWithOutputs, splitBatch, type Task } from '../../training/index.ts'
import { stageRecipe } from '../recipe/stage-recipe.ts'
import { trainingOptions, validationBatches } from './batches.ts'
import type { PreparedRun } from './prepare.ts'
import { resolveStage } from './resolve.ts'

/** Number of samples that a stage is tried with. */
const tried = 8

/**
 * Try a run before its directory is made: load the first batches for training and validation, and build the graph of a
 * step, for every stage of a run in stages. Nothing is computed or written. Validation comes first: this thread prepares its
 * batch while the loader's threads prepare that for training.
 * @throws DataError for samples that cannot be used; ShapeError and ConfigError for a graph that cannot be built.
 */
export async function rehearse(run: PreparedRun): Promise<void> {
  const { recipe, task, openLoader, outputs } = run
  await tryValidation(run)
  let batch = await openLoader.first()
  for (const outputsOf of batch ? outputs : []) batch = await batchWithOutputs(batch!, outputsOf)
  if (batch) await check(task, batch, recipe.batches.microSize)
  for (const index of (recipe.stages ?? []).keys()) await rehearseStage(run, index)
}

async function rehearseStage({ recipe, registry, model, text }: PreparedRun, index: number) {
  const asked = stageRecipe(recipe, model, index, recipe.base, registry)
  const stage = await resolveStage(asked, registry, text.tokenizer)
  const options = trainingOptions(stage.recipe, stage.data.training, text, registry)
  const batch = await firstOf(
    loader({ ...options, batchSize: Math.min(tried, options.batchSize), workers: 0 }),
  )
  const built = buildModel(stage.model, { families: registry.families })
  const ofStage = stage.objective.task(built, stage.recipe, { totalSteps: 1 })
  if (batch) await check(ofStage, batch, undefined)
  await tryValidation({ ...stage, text })
}

/** Prepare the first batch for validation in this thread, which takes less time than starting others. */
async function tryValidation({
  recipe,
  data,
  text,
  registry,
}: Pick<PreparedRun, 'recipe' | 'data' | 'text' | 'registry'>): Promise<void> {
  if (!data.validation) return
  const here = { ...recipe, machine: { ...recipe.machine, workers: 0 } }
  await firstOf(validationBatches(here, data.validation, text, registry))
}

const check = async (task: Task, batch: Batch, microSize: number | undefined): Promise<void> =>
  task.check?.(splitBatch(batch, microSize))

/** The first batch of a loader, which is closed. */
async function firstOf(batches: Loader): Promise<Batch | undefined> {
  for await (const batch of batches) return batch
  return undefined
}
