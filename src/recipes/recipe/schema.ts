import { z } from 'zod'
import { mixMethods, samplerSpec, sourceSpec, withKind } from '../../data/index.ts'
import { deviceNames, precisions } from '../../engine/index.ts'
import type { BuiltInConfigInput, ModelConfig } from '../../models/index.ts'
import type { contrastive } from '../objectives/contrastive.ts'
import type { imitation } from '../objectives/imitation.ts'
import type { Objective, ObjectiveOptions } from '../objectives/objective.ts'
import { generation } from './generation.ts'
import { optimizerDescription, scheduleDescription } from './optimization.ts'
import { recipeProblems } from './problems.ts'
import { builtIn, type Registry } from './registry.ts'
import { stage } from './stage.ts'
import { sortTransforms } from './transforms.ts'

const count = z.int().positive()

const transform = withKind('transform', z.looseObject({ kind: z.string() }))

/** Samples of a step, and how they are chosen and prepared. */
const batches = z.strictObject({
  /** Samples of a step. */
  size: count,
  /** Samples that go through the model at once; the rest of the batch waits its turn. Default: all. */
  microSize: count.optional(),
  /** Shuffle images rather than samples: those that share one stay together, and a policy sees it once for all. */
  groupImages: z.boolean().default(false),
  /** Whether a batch holds at most one sample of a concept. */
  uniqueConcepts: z.boolean().default(false),
  /** Chooses samples by how the training goes. Default: every sample once a pass. */
  sampler: samplerSpec.optional(),
  /** Samples of an epoch, for sources that do not know their size. */
  samplesPerEpoch: count.optional(),
  onBadSample: z.enum(['fail', 'skip']).default('fail'),
})

/** What is watched while training, and what follows from it. */
const validation = z.strictObject({
  /** The data set; the best checkpoint is chosen by it. */
  data: sourceSpec.optional(),
  everyEpochs: z.number().positive().default(1),
  /** The metric that decides which checkpoint is best. Default: the objective's. */
  monitor: z.string().optional(),
  /** Whether more (`max`) or less (`min`) of it is better. Default: what the objective knows of the metric. */
  direction: z.enum(['max', 'min']).optional(),
  /** Stop after this many validations without a better one. Default: never. */
  patience: count.optional(),
  /** Stop as soon as the monitored metric is this good. Default: never. */
  stopAt: z.number().optional(),
})

/** What computes, and how. */
const machine = z.strictObject({
  device: z.enum(deviceNames).default('cpu'),
  /** Threads that compute on the CPU; fewer where others use the machine too. Default: one a core. */
  threads: count.optional(),
  /** Threads that prepare data. Default: one less than there are cores. */
  workers: z.int().nonnegative().optional(),
  /** Precision of the model's matrix products in training. Weights, sums and everything else are float32 in either. */
  precision: z.enum(precisions).default('float32'),
  /**
   * Compute layers again in the backward pass rather than keep what is inside: less memory, more time. All of them, or
   * those whose path a pattern matches: `vision_model.*`.
   */
  recompute: z.union([z.boolean(), z.array(z.string()).nonempty()]).default(false),
})

/** Learning rate, weight decay and freezing of the parameters whose path a pattern matches. */
const parameterRule = z.strictObject({
  pattern: z.string(),
  learningRate: z.number().nonnegative().exactOptional(),
  weightDecay: z.number().nonnegative().exactOptional(),
  freeze: z.boolean().exactOptional(),
})

/** All keys but those whose values the registry decides. */
const common = {
  /** Also the name of the run's directory. */
  name: z.string().regex(/^[\w.-]+$/, 'letters, digits, dots and dashes only'),
  /** Seed of every random number. */
  seed: z.int().default(0),
  /** Data to make before training, unless it is there. */
  generate: generation.optional(),
  /** The training data. */
  data: sourceSpec,
  validation: validation.prefault({}),
  /** Data sets that are measured once, after training, by name. */
  tests: z.record(z.string(), sourceSpec).default({}),
  images: z
    .strictObject({
      /** Side of the square in pixels to which images are decoded, before augmentation. Default: the model's. */
      resolution: count.optional(),
      fit: z.enum(['cover', 'contain', 'fill']).default('cover'),
    })
    .prefault({}),
  texts: z
    .strictObject({
      /** Chance with which training takes a sample's first caption; else any of them. 1: retrieval reads no others either. */
      firstCaption: z.number().min(0).max(1).default(0),
      /** Tokens that are learned from the captions, at most. */
      vocabularySize: z.int().min(514).default(4096),
      /** Data sets whose captions teach the vocabulary too, so that words that come later are not cut to letters. */
      corpus: z.array(sourceSpec).default([]),
    })
    .prefault({}),
  /** Transforms of images and of texts, in their order. */
  augment: z
    .array(transform)
    .default([])
    .overwrite((list) => Object.values(sortTransforms(list)).flat()),
  /** Ways to mix the samples of a batch with each other, one of them drawn for each batch. */
  mix: z.array(transform).default([]).overwrite(mixMethods),
  /**
   * A run or bundle whose weights training begins with: those under the names that the model has too. Its towers,
   * tokenizer and images must be those of the model. Default: fresh weights.
   */
  base: z.string().optional(),
  optimizer: optimizerDescription,
  schedule: scheduleDescription,
  /** Rules by path pattern. Default: none, or on a base the objective's rates of fine-tuning. */
  parameters: z.array(parameterRule).default([]),
  /** Largest norm of the gradient; null: not clipped. */
  clipNorm: z.number().positive().nullable().default(1),
  /** Decay of the moving average of the weights, which is then validated and exported. Default: none kept. */
  averageDecay: z.number().min(0).lt(1).optional(),
  batches,
  /** Passes over the data; the last batch is filled up from the next pass, so that no sample is left out. */
  epochs: z.number().positive(),
  /**
   * Train in stages, from simple to complex: each with its heads, threshold and budget, on the weights of the one
   * before. `epochs` and `batches.size` are then those of the stages. Default: no stages.
   */
  stages: z.array(stage).nonempty().optional(),
  checkpoints: z
    .strictObject({
      everyEpochs: z.number().positive().default(1),
      /** How many of the newest to keep, beside the best. */
      keep: count.default(2),
    })
    .prefault({}),
  log: z.strictObject({ everySteps: count.default(10) }).prefault({}),
  machine: machine.prefault({}),
}

type Common = { [Key in keyof typeof common]: (typeof common)[Key] }

/** The keys of a recipe, for the families and objectives of a registry. */
function schemaOf({ families, objectives }: Registry) {
  const models = Object.values(families).map(({ schema }) => schema)
  const kinds = Object.values(objectives).map(({ schema }: Objective) => schema)
  return z.strictObject({
    ...common,
    model: union<ModelConfig>('model_type', models),
    objective: union<ObjectiveOptions>('kind', kinds).prefault({ kind: 'contrastive' }),
  })
}

/** One of several schemas, chosen by the literal under `key`. */
function union<Output>(key: string, schemas: readonly z.ZodType[]): z.ZodType<Output> {
  const options = schemas as unknown as readonly [z.core.$ZodTypeDiscriminable]
  return z.discriminatedUnion(key, options) as unknown as z.ZodType<Output>
}

/** What a recipe file holds, with every default filled in. */
export type Recipe = z.output<z.ZodObject<Common>> & {
  readonly model: ModelConfig
  readonly objective: ObjectiveOptions
}

/** What a recipe returns: defaults may be left out. */
export type RecipeInput = z.input<z.ZodObject<Common>> & {
  /** The config of a model of a known family, with Hugging Face's keys. */
  readonly model: BuiltInConfigInput | ModelConfig | Own<'model_type'>
  /** Default: `contrastive()`. */
  readonly objective?:
    | ReturnType<typeof contrastive>
    | ReturnType<typeof imitation>
    | ObjectiveOptions
    | Own<'kind'>
}

/** A row's options or config; the row's schema checks them. */
type Own<Key extends string> = Readonly<Record<Key, string>> & { readonly [key: string]: unknown }

type RecipeSchema = z.ZodType<Recipe>

const schemas = new WeakMap<Registry, RecipeSchema>()

/**
 * Everything that decides a training run, as plain data: what a recipe returns, what `--set` changes, what `recipe.json`
 * stores, and enough to repeat the run bit for bit.
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
