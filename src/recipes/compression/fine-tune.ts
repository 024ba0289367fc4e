import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type CompressionMethod, numbersOf } from '../../compression/index.ts'
import { ConfigError, isRun, latestCheckpoint, runFiles, TrainingError } from '../../core/index.ts'
import { readBundle, writeBundle } from '../../deploy/index.ts'
import { distill, withoutTeachers } from '../recipe/distillation.ts'
import { override } from '../recipe/override.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe, RecipeDraft } from '../recipe/schema.ts'
import { readRecipe } from '../run/directory.ts'
import { beginRun, reopenRun } from '../run/prepare.ts'
import { type ResolvedRecipe, resolveRecipe } from '../run/resolve.ts'
import { trainRun } from '../run/train.ts'
import type { CompressOptions } from './compress.ts'

const schema = z.strictObject({
  kind: z.literal('fineTune'),
  /** Passes over the training data of the run. */
  epochs: z.number().positive(),
  /** Learn from the model that is compressed, too: its distillation as `distill` does by default. */
  distil: z.boolean().default(false),
  /** Factor of the learning rates of the run. */
  learningRate: z.number().positive().default(0.3),
  /** Further changes of the run's recipe, as `--set` takes them. */
  set: z.array(z.string()).default([]),
})

export type FineTuneOptions = z.output<typeof schema>

/** Options of fine-tuning, for the table of methods. */
export const fineTuneSchema = schema as unknown as z.ZodType<{ readonly kind: string }>

/** Fine-tuning as a step of a compression: see {@link fineTuneMethod}. */
export const fineTuneStep = (options: Omit<z.input<typeof schema>, 'kind'>) =>
  ({ kind: 'fineTune', ...options }) as const

/**
 * Fine-tuning as a step: the recipe of the run that is compressed, with the compressed model as its base, whose zeros stay zero.
 * The training run stays in `<out>.fine-tuning`, its base in `<out>.base`; one that was interrupted is gone on with.
 */
export const fineTuneMethod = (
  model: string,
  out: string,
  registry: Registry,
  { callbacks, signal }: CompressOptions,
): CompressionMethod => ({
  schema: fineTuneSchema,
  trains: true,
  async apply(step, subject, tools) {
    requireTrainable(model, subject.passes.length)
    const base = `${out}.base`
    await writeBundle(base, subject.bundle, { families: registry.families })
    const hasZeros = numbersOf(subject.bundle).zeros > 0
    const { set } = step as FineTuneOptions
    const draft = recipeOf(step as FineTuneOptions, readRecipe(model, registry), { model, base, hasZeros })
    const resolved = await resolveRecipe(override(draft, set, registry), registry)
    const directory = `${out}.fine-tuning`
    const goesOn = isLeft(directory, resolved, out)
    tools.note(
      `fine-tuning for ${resolved.recipe.epochs} epochs in ${directory}${goesOn ? ', from its last checkpoint' : ''}`,
    )
    const prepared = goesOn ? await reopenRun(directory, registry) : await beginRun(resolved, directory)
    const run = await trainRun(prepared, { ...(callbacks && { callbacks }), ...(signal && { signal }) })
    if (!run.summary)
      throw new TrainingError(
        'compression/interrupted',
        `fine-tuning was interrupted: ${model} is not compressed. The same command goes on from ${run.directory}`,
        { model, run: run.directory },
      )
    return { ...subject, bundle: readBundle(run.directory, { families: registry.families }) }
  },
})

function requireTrainable(model: string, passes: number): void {
  const refusal =
    passes > 0
      ? 'steps before it changed the graphs, which no training does: put it before them'
      : noRun(model)
  if (refusal === undefined) return
  throw new ConfigError('compression/fine-tuning', `fineTune: ${refusal}`, { model })
}

const noRun = (model: string): string | undefined =>
  isRun(model) ? undefined : `${model} is no run, whose recipe would say how it is trained. Compress the run`

/**
 * Tell a run of the same fine-tuning, on the same base, that an earlier command left: one that is not at its end, or that is
 * and of which no compressed model came.
 */
function isLeft(directory: string, { recipe, registry }: ResolvedRecipe, out: string): boolean {
  if (!isRun(directory) || latestCheckpoint(directory) === undefined) return false
  if (existsSync(join(directory, runFiles.summary)) && existsSync(out)) return false
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
  return isDeepStrictEqual(plain(readRecipe(directory, registry)), plain(recipe))
}

/** The recipe of fine-tuning: that of the run on another base, for fewer passes at lower rates. */
function recipeOf(
  { epochs, distil, learningRate }: FineTuneOptions,
  run: Recipe,
  { model, base, hasZeros }: { readonly model: string; readonly base: string; readonly hasZeros: boolean },
): RecipeDraft {
  const { model: _, ...own } = withoutTeachers(run) as Recipe
  const scaled = own.parameters.map((rule) =>
    rule.learningRate === undefined ? rule : { ...rule, learningRate: rule.learningRate * learningRate },
  )
  const { patience: __, stopAt: ___, ...validation } = own.validation
  return {
    ...own,
    name: `${own.name}-compressed`,
    ...{ base, baseDigest: undefined, towers: undefined },
    ...{ lora: undefined, stages: undefined, supernet: undefined, wiseFt: undefined, tests: {} },
    keepZeros: hasZeros ? true : undefined,
    distillation: distil ? distill({ teacher: model }) : undefined,
    parameters: [{ pattern: '*', learningRate }, ...scaled],
    epochs,
    validation: { ...validation, everyEpochs: Math.min(validation.everyEpochs, epochs) },
    checkpoints: { ...own.checkpoints, everyEpochs: Math.min(own.checkpoints.everyEpochs, epochs) },
  }
}
