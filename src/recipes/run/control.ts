import { join } from 'node:path'
import { isRun, runFiles } from '../../core/index.ts'
import type { RunSummary } from '../../report/index.ts'
import { noteTo } from '../../training/index.ts'
import { withoutTeachers } from '../recipe/distillation.ts'
import { BadSamples } from './bad-samples.ts'
import { openBase } from './base.ts'
import { concludeRun } from './conclude.ts'
import { readRecipe } from './directory.ts'
import { beginRun, type PreparedRun, reopenRun } from './prepare.ts'
import { trainOnce } from './train-once.ts'
import type { TrainOptions } from './train-options.ts'

/**
 * Train the student of a run once more without its teachers, by the same recipe, seed and number of steps, in a run of its
 * own below `control/`; a stopped one goes on.
 * @returns Its summary; undefined when it was interrupted.
 */
export async function trainControl(
  run: PreparedRun,
  options: TrainOptions & { readonly callbacks: NonNullable<TrainOptions['callbacks']> },
): Promise<RunSummary | undefined> {
  const directory = join(run.directory, runFiles.control)
  noteTo(options.callbacks)(`training the same without teachers in ${directory}`)
  const control = await (isRun(directory) ? reopenControl(run, directory) : beginControl(run, directory))
  const badSamples = new BadSamples(directory)
  const result = await trainOnce(control, badSamples, options)
  return result.interrupted ? undefined : concludeRun(control, result, badSamples, options)
}

function beginControl(run: PreparedRun, directory: string): Promise<PreparedRun> {
  const { registry, family, objective, data, tokenizer, model } = run
  const recipe = withoutTeachers(run.recipe)
  const base = openBase(recipe, registry)
  return beginRun(
    { recipe, registry, family, objective, data, tokenizer, model, base, teachers: [] },
    directory,
  )
}

/** Reopen the control, for as many passes as the run has done. */
function reopenControl(
  { registry, recipe: { epochs } }: PreparedRun,
  directory: string,
): Promise<PreparedRun> {
  const isShorter = readRecipe(directory, registry).epochs < epochs
  return reopenRun(directory, registry, isShorter ? { epochs } : {})
}
