import { z } from 'zod'
import { samplerSpec, sourceSpec } from '../../data/index.ts'
import { deviceNames, precisions } from '../../engine/index.ts'
import { byteSize } from './byte-size.ts'

const count = z.int().positive()

/** Batches: samples of a step, their choice and their preparation. */
export const batches = z.strictObject({
  /** Number of samples in a step. */
  size: count,
  /** Number of samples in one forward pass; the rest of the batch follows. Default: all. */
  microSize: count.optional(),
  /**
   * Number that follows a `machine.memoryBudget`. `microSize`: the samples of a forward pass, so that the batch stays as it is;
   * `size`: the batch itself, with the learning rate in proportion.
   */
  adapt: z.enum(['microSize', 'size']).default('microSize'),
  /** Fewest and most samples between which a `machine.memoryBudget` chooses. */
  adaptBetween: z.tuple([count, count]).default([8, 128]),
  /** Shuffle images rather than samples: samples of one image stay together, and a policy encodes it once for all. */
  groupImages: z.boolean().default(false),
  /** Limit a batch to one sample of each concept. */
  uniqueConcepts: z.boolean().default(false),
  /** Sampler that adapts to the training. Default: every sample once a pass. */
  sampler: samplerSpec.optional(),
  /** Number of samples in an epoch, for sources without a known size. */
  samplesPerEpoch: count.optional(),
  onBadSample: z.enum(['fail', 'skip']).default('fail'),
})

/** Validation data, the monitored metric, and its effect on the run. */
export const validation = z.strictObject({
  /** Validation data; the best checkpoint is chosen by it. */
  data: sourceSpec.optional(),
  everyEpochs: z.number().positive().default(1),
  /** Metric that decides which checkpoint is best. Default: the objective's. */
  monitor: z.string().optional(),
  /** Direction of improvement: `max` or `min`. Default: the objective's direction of the metric. */
  direction: z.enum(['max', 'min']).optional(),
  /** Stop after this many validations without a better one. Default: never. */
  patience: count.optional(),
  /** Stop as soon as the monitored metric is this good. Default: never. */
  stopAt: z.number().optional(),
})

/** Device, threads and precision. */
export const machine = z.strictObject({
  device: z.enum(deviceNames).default('cpu'),
  /** Number of threads on the CPU; fewer where others use the machine too. Default: one for each core. */
  threads: count.optional(),
  /** Number of threads that prepare data. Default: one less than there are cores. */
  workers: z.int().nonnegative().optional(),
  /**
   * Resident memory that the run may take, as `4GiB`: forward passes of as many samples as fit, measured step by step.
   * Default: passes of `batches.microSize`.
   */
  memoryBudget: byteSize.optional(),
  /** Precision of the model's matrix products in training. Weights, sums and everything else are always float32. */
  precision: z.enum(precisions).default('float32'),
  /**
   * Recompute layers in the backward pass rather than keep their activations: less memory, more time. All layers, or
   * those whose path matches a pattern: `vision_model.*`.
   */
  recompute: z.union([z.boolean(), z.array(z.string()).nonempty()]).default(false),
})

/** Learning rate, weight decay and freezing of the parameters whose path matches a pattern. */
export const parameterRule = z.strictObject({
  pattern: z.string(),
  learningRate: z.number().nonnegative().exactOptional(),
  weightDecay: z.number().nonnegative().exactOptional(),
  /** True: never trained; `{ epochs }`: trained after so many passes over the data. */
  freeze: z.union([z.boolean(), z.strictObject({ epochs: z.number().positive() })]).exactOptional(),
})
