import { z } from 'zod'
import { mixMethods, samplerSpec, sourceSpec, withKind } from '../data/index.ts'
import { deviceNames, precisions } from '../engine/index.ts'
import { clipConfig, policyConfig, siglipConfig } from '../models/index.ts'
import { checkObjective } from './check-objective.ts'
import { generation } from './generate-data.ts'
import { objective } from './objective.ts'
import { optimizerOf, scheduleOf } from './optimization.ts'
import { stage } from './stages/stage.ts'
import { sortTransforms } from './transforms.ts'

const count = z.int().positive()

/** A function of the library by its name, with its options: `adamW({ … })` as data. */
const named = z.object({
  name: z.string(),
  options: z.record(z.string(), z.union([z.number(), z.boolean()])),
})

/** What a function of the library says of itself: every option, defaults filled in. */
const described = ({ name, options }: z.output<typeof named>) => ({ name, options: { ...options } })

const transform = withKind('transform', z.looseObject({ kind: z.string() }))

/**
 * Everything that decides a training run. It is plain data: what a recipe returns, what `--set` changes, what
 * `recipe.json` stores, and enough to repeat the run bit for bit.
 */
export const experiment = z
  .strictObject({
    /** Also the name of the run's directory. */
    name: z.string().regex(/^[\w.-]+$/, 'letters, digits, dots and dashes only'),
    /** Data to make before training, unless it is there. */
    generate: generation.optional(),
    /** What is trained on. */
    data: sourceSpec,
    /** Watched while training; the best checkpoint is chosen by it. */
    validation: sourceSpec.optional(),
    /** Measured once, after training, by name. */
    tests: z.record(z.string(), sourceSpec).default({}),
    images: z
      .strictObject({
        /** Side of the square in pixels to which images are decoded, before augmentation. Default: the model's. */
        resolution: count.optional(),
        fit: z.enum(['cover', 'contain', 'fill']).default('cover'),
      })
      .prefault({}),
    /** Transforms of images and of texts, in their order. */
    augment: z
      .array(transform)
      .default([])
      .overwrite((list) => Object.values(sortTransforms(list)).flat()),
    /** Chooses samples by how the training goes. Default: every sample once a pass. */
    sampler: samplerSpec.optional(),
    /** Ways to mix the samples of a batch with each other, one of them drawn for each batch. */
    mix: z.array(transform).default([]).overwrite(mixMethods),
    /** Chance with which training takes a sample's first caption; else any of them. 1: retrieval reads no others either. */
    firstCaption: z.number().min(0).max(1).default(0),
    tokenizer: z
      .strictObject({
        vocabularySize: z.int().min(514).default(4096),
        /** Data sets whose captions teach the vocabulary too, so that words that come later are not cut to letters. */
        corpus: z.array(sourceSpec).default([]),
      })
      .prefault({}),
    model: z.discriminatedUnion('model_type', [clipConfig, siglipConfig, policyConfig]),
    objective: objective.default({ name: 'contrastive' }),
    /**
     * A run or bundle whose weights training begins with: those under the names that the model has too. Its towers,
     * tokenizer and images must be those of the model. Default: fresh weights.
     */
    base: z.string().optional(),
    optimizer: named.overwrite((value) => described(optimizerOf(value))),
    schedule: named.overwrite((value) => described(scheduleOf(value))),
    /** Learning rate, weight decay and freezing by path pattern. None on a base: `fineTuningRates`. */
    parameters: z
      .array(
        z.strictObject({
          pattern: z.string(),
          learningRate: z.number().nonnegative().exactOptional(),
          weightDecay: z.number().nonnegative().exactOptional(),
          freeze: z.boolean().exactOptional(),
        }),
      )
      .default([]),
    batchSize: count,
    /** Samples that go through the model at once; the rest of the batch waits its turn. Default: all. */
    microBatchSize: count.optional(),
    /**
     * Compute layers again in the backward pass rather than keep what is inside: less memory, more time. All of them, or
     * those whose path a pattern matches: `vision_model.*`.
     */
    recompute: z.union([z.boolean(), z.array(z.string()).nonempty()]).default(false),
    /** Of the model's matrix products in training. Weights, sums and everything else are float32 in either. */
    precision: z.enum(precisions).default('float32'),
    /** Shuffle pictures rather than samples: those that share one stay together, and a policy sees it once for all. */
    groupPictures: z.boolean().default(false),
    /** Whether a batch holds at most one sample of a concept. */
    uniqueConcepts: z.boolean().default(false),
    /**
     * Train in stages, from simple to complex: each with its heads, threshold and budget, on the weights of the one
     * before. `epochs` and `batchSize` are then those of the stages. Default: no stages.
     */
    stages: z.array(stage).nonempty().optional(),
    /** Passes over the data; the last batch is filled up from the next pass, so that none of their samples is left out. */
    epochs: z.number().positive(),
    /** Only for sources that do not know their size. */
    samplesPerEpoch: count.optional(),
    /** Largest norm of the gradient; null: not clipped. */
    clipNorm: z.number().positive().nullable().default(1),
    /** Decay of the moving average of the weights, which is then validated and exported. Default: none kept. */
    averageDecay: z.number().min(0).lt(1).optional(),
    validateEveryEpochs: z.number().positive().default(1),
    /** Stop after this many validations without a better one. Default: never. */
    patience: count.optional(),
    /** The validation metric that decides which checkpoint is best. Default: that of the objective. */
    monitor: z.string().optional(),
    /** Stop as soon as the monitored metric reaches this. Default: never. */
    stopAt: z.number().optional(),
    checkpointEveryEpochs: z.number().positive().default(1),
    keepCheckpoints: count.default(2),
    logEverySteps: count.default(10),
    onBadSample: z.enum(['fail', 'skip']).default('fail'),
    /** Threads that prepare data. Default: one less than there are cores. */
    workers: z.int().nonnegative().optional(),
    device: z.enum(deviceNames).default('cpu'),
    /** Threads that calculate, on the CPU. Fewer where others work on the machine too. Default: one a core. */
    threads: count.optional(),
    seed: z.int().default(0),
  })
  .superRefine(checkObjective)

/** What a recipe returns. */
export type ExperimentInput = z.input<typeof experiment>
/** With every default filled in. */
export type Experiment = z.output<typeof experiment>
