import { z } from 'zod'
import { kernelNames, mixMethods, sourceSpec, withKind } from '../../data/index.ts'
import { type BuiltInConfigInput, type ModelConfig, prunedSchema } from '../../models/index.ts'
import { trackerOf } from '../../training/index.ts'
import type { contrastive } from '../objectives/contrastive.ts'
import type { imitation } from '../objectives/imitation.ts'
import type { Objective, ObjectiveOptions } from '../objectives/objective.ts'
import { distillation } from './distillation.ts'
import { generation } from './generation.ts'
import { batches, machine, parameterRule, validation } from './groups.ts'
import { lora } from './lora.ts'
import { optimizerDescription, scheduleDescription } from './optimization.ts'
import { recipeProblems } from './problems.ts'
import { builtIn, type Registry } from './registry.ts'
import { stage } from './stage.ts'
import { supernetSchema } from './supernet.ts'
import { sortTransforms } from './transforms.ts'

const count = z.int().positive()
const fraction = z.number().min(0).max(1)

const transform = withKind('transform', z.looseObject({ kind: z.string() }))

/** Text that names a tracker, which is only made when a run begins. */
const tracker = z.string().superRefine((text, { addIssue }) => {
  try {
    trackerOf(text)
  } catch (error) {
    addIssue({ code: 'custom', message: (error as Error).message })
  }
})

/** All keys except those whose values the registry decides. */
const common = {
  /** Name of the run, and of its directory. */
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, dots and dashes only'),
  /** Seed of every random number. */
  seed: z.int().default(0),
  /** Data set to generate before training, unless it exists. */
  generate: generation.optional(),
  /** The training data. */
  data: sourceSpec,
  validation: validation.prefault({}),
  /** Test sets by name, measured once, after training. */
  tests: z.record(z.string(), sourceSpec).default({}),
  images: z
    .strictObject({
      /** Side in pixels of the square that images are decoded to, before augmentation. Default: the model's. */
      resolution: count.optional(),
      fit: z.enum(['cover', 'contain', 'fill']).default('cover'),
      /** Part of the scaled image's side that the square shows: 0.875 scales to 256 pixels and cuts out 224. Default 1. */
      cropFraction: z.number().positive().max(1).optional(),
      /** Kernel of scaling. Default `bicubic`. */
      kernel: z.enum(kernelNames).optional(),
      /** Colour around and under an image, red, green and blue in [0, 1]. Default white; a checkpoint of LeRobot has black. */
      background: z.tuple([fraction, fraction, fraction]).exactOptional(),
    })
    .prefault({}),
  texts: z
    .strictObject({
      /**
       * Probability with which training takes a sample's first caption; otherwise any caption. At 1 retrieval reads no
       * other captions either.
       */
      firstCaption: z.number().min(0).max(1).default(0),
      /** Largest number of tokens learned from the captions. */
      vocabularySize: z.int().min(514).default(4096),
      /**
       * Data sets whose captions are also used to learn the vocabulary, so that later words are not split into letters.
       */
      corpus: z.array(sourceSpec).default([]),
    })
    .prefault({}),
  /** Transforms of images and of texts, in order. */
  augment: z
    .array(transform)
    .default([])
    .overwrite((list) => Object.values(sortTransforms(list)).flat()),
  /** Methods to mix the samples of a batch with each other, one of them drawn for each batch. */
  mix: z.array(transform).default([]).overwrite(mixMethods),
  /**
   * Run, bundle or Hugging Face folder whose weights training begins with, as far as the model has the same names. Its
   * tokenizer is taken; `model`, `images` and `normalize` too, where a recipe leaves them out: see `takeFromBase`.
   * Default: fresh weights.
   */
  base: z.string().optional(),
  /** SHA-256 of the base, or of the text tower, which a run writes down when it begins. */
  baseDigest: z.string().optional(),
  /**
   * Pretrained towers that the model begins with, in place of a `base`. `text`: a Hugging Face folder of a text tower, whose
   * tokenizer is the run's. Default: fresh weights.
   */
  towers: z.strictObject({ text: z.string() }).optional(),
  /** Low-rank adapters on the base, which stays as it is. Default: none, the base itself is trained. */
  lora: lora.optional(),
  /** Teachers, and what the model learns from them. Default: none. */
  distillation: distillation.optional(),
  /** Sub-networks that are trained with the model, and share its weights. Default: none. */
  supernet: supernetSchema.optional(),
  optimizer: optimizerDescription,
  schedule: scheduleDescription,
  /** Rules by path pattern. Default: none; on a base the objective's fine-tuning rates. */
  parameters: z.array(parameterRule).default([]),
  /**
   * Layer-wise decay of the learning rate, multiplied with the rates of `parameters`: see `layerDecayRules`. Default:
   * none.
   */
  layerDecay: z.number().positive().max(1).optional(),
  /**
   * WiSE-FT: measure the weights between the base and the fine-tuned model after training, at each α in [0, 1]. True:
   * 0, 0.25, 0.5, 0.75 and 1. Default: nothing is measured between them.
   */
  wiseFt: z
    .union([z.literal(true), z.strictObject({ alphas: z.array(z.number().min(0).max(1)).nonempty() })])
    .transform((value) => (value === true ? { alphas: [0, 0.25, 0.5, 0.75, 1] } : value))
    .optional(),
  /**
   * Keep the exact zeros of the base's matrices zero in training, as those of a pruned model: of all, or of those whose path
   * matches a pattern. Default: zeros are trained as all numbers.
   */
  keepZeros: z.union([z.literal(true), z.array(z.string()).nonempty()]).optional(),
  /** Largest norm of the gradient; null: no clipping. */
  clipNorm: z.number().positive().nullable().default(1),
  /** Decay of the moving average of the weights, which is then validated and exported. Default: no average. */
  averageDecay: z.number().min(0).lt(1).optional(),
  batches,
  /** Number of passes over the data; the last batch is filled up from the next pass, so that no sample is left out. */
  epochs: z.number().positive(),
  /**
   * Stages of progressive training, from simple to complex: each with its heads, threshold and budget, on the weights
   * of the one before. `epochs` and `batches.size` are then those of the stages. Default: no stages.
   */
  stages: z.array(stage).nonempty().optional(),
  checkpoints: z
    .strictObject({
      everyEpochs: z.number().positive().default(1),
      /** Number of the newest checkpoints to keep, beside the best. */
      keep: count.default(2),
    })
    .prefault({}),
  log: z
    .strictObject({
      everySteps: count.default(10),
      /** Services that show the run beside its files: `mlflow=http://host:5000`, see docs/trackers.md. Default: none. */
      track: z.array(tracker).nonempty().optional(),
    })
    .prefault({}),
  machine: machine.prefault({}),
}

type Common = { [Key in keyof typeof common]: (typeof common)[Key] }

/** The keys of a recipe, for the families and objectives of a registry. */
function schemaOf({ families, objectives }: Registry) {
  const models = Object.values(families).map(({ schema }) => schema)
  return z.strictObject({
    ...common,
    model: union<ModelConfig>('model_type', models).and(z.object({ pruned: prunedSchema.optional() })),
    objective: objectiveOptions(objectives),
  })
}

function objectiveOptions(objectives: Registry['objectives']) {
  const kinds = Object.values(objectives).map(({ schema }: Objective) => schema)
  return union<ObjectiveOptions>('kind', kinds).prefault({ kind: 'contrastive' })
}

/** One of several schemas, chosen by the literal under `key`. */
function union<Output>(key: string, schemas: readonly z.ZodType[]): z.ZodType<Output> {
  const options = schemas as unknown as readonly [z.core.$ZodTypeDiscriminable]
  return z.discriminatedUnion(key, options) as unknown as z.ZodType<Output>
}

/** Content of a recipe file, with every default filled in. */
export type Recipe = z.output<z.ZodObject<Common>> & {
  readonly model: ModelConfig
  readonly objective: ObjectiveOptions
}

/** Recipe as written by a user: defaults may be left out. */
export type RecipeInput = z.input<z.ZodObject<Common>> & {
  /** The config of a model of a known family, with Hugging Face's keys. A base gives what is left out of it, or all. */
  readonly model?: BuiltInConfigInput | ModelConfig | Own<'model_type'> | { readonly model_type?: string }
  /** Objective. Default: `contrastive()`. */
  readonly objective?:
    | ReturnType<typeof contrastive>
    | ReturnType<typeof imitation>
    | ObjectiveOptions
    | Own<'kind'>
}

/** A recipe that `--set` finishes: its data, and the base that it needs, are still open. */
export type RecipeDraft = Omit<RecipeInput, 'data'> & Partial<Pick<RecipeInput, 'data'>>

/** A row's options or config; the row's schema checks them. */
type Own<Key extends string> = Readonly<Record<Key, string>> & { readonly [key: string]: unknown }

type RecipeSchema = z.ZodType<Recipe>

const schemas = new WeakMap<Registry, RecipeSchema>()

/**
 * Schema of a training run as plain data: the return value of a recipe, the target of `--set`, and the content of
 * `recipe.json`, which is enough to repeat the run bit for bit.
 */
export function recipeSchema(registry: Registry = builtIn): RecipeSchema {
  const known = schemas.get(registry)
  if (known) return known
  const schema = schemaOf(registry).superRefine((recipe, { addIssue }) => {
    for (const [message, ...path] of recipeProblems(recipe as Recipe, registry))
      addIssue({ code: 'custom', message, path: [...path] })
  }) as unknown as RecipeSchema
  schemas.set(registry, schema)
  return schema
}

/**
 * Schema of a recipe that is not finished: what follows from the base, or from an adapter, is as it was written, and may be
 * missing, as may the data. Everything else has its defaults.
 */
export function draftSchema({ objectives }: Registry): z.ZodType<Record<string, unknown>> {
  const { augment: _, images: __, lora: ___, ...rest } = common
  return z.strictObject({
    ...rest,
    data: sourceSpec.optional(),
    images: z.looseObject({}).optional(),
    lora: z.looseObject({}).optional(),
    augment: z.array(transform).default([]),
    model: z.looseObject({}).optional(),
    objective: objectiveOptions(objectives),
  })
}
