import { type Batch, float32, type HostArray, int64, random } from '../../src/core/index.ts'
import { type DeviceName, Engine, type Precision } from '../../src/engine/index.ts'
import {
  ClipModel,
  type DualEncoder,
  dualEncoder,
  SiglipModel,
  siglip,
  withVocabulary,
} from '../../src/models/index.ts'
import { adamW, cosine, ema, type Optimizer, type ParameterRule } from '../../src/optim/index.ts'
import {
  type AddedLosses,
  type BatchStream,
  contrastiveTask,
  type TrainerOptions,
  training,
} from '../../src/training/index.ts'

const sizes = (depth = 2) => ({
  image: { size: 16, patch: 8, width: 32, depth, heads: 2 },
  text: { length: 8, width: 32, depth, heads: 2 },
})

/** A small CLIP with towers of 2 layers, or of `depth`. */
export const smallClip = (depth?: number) =>
  new ClipModel(
    withVocabulary(dualEncoder({ ...sizes(depth), projection: 16 }), {
      vocabularySize: 64,
      startId: 62,
      endId: 63,
      padId: 63,
    }),
  )

/** A SigLIP of the same size. */
export function smallSiglip(): SiglipModel {
  const config = siglip(sizes())
  return new SiglipModel({ ...config, text_config: { ...config.text_config, vocab_size: 64 } })
}

/** Random pictures with random captions: nothing to understand, but enough to learn by heart. */
export function syntheticBatch(size: number, number: number, seed = 1): Batch {
  const stream = random(seed, 'batch', number)
  const ids = Array.from({ length: size }, (_, i) => `sample-${number * size + i}`)
  const tokens = ids.flatMap(() => [62, ...Array.from({ length: 6 }, () => stream.integer(62)), 63])
  return {
    ids,
    arrays: {
      pixelValues: float32(
        [size, 3, 16, 16],
        Array.from({ length: size * 768 }, () => stream.normal()),
      ),
      inputIds: int64([size, 8], tokens),
      concepts: int64(
        [size],
        ids.map((_, i) => number * size + i),
      ),
    },
  }
}

/** The same few batches again and again. */
export const syntheticStream =
  (batchSize: number, distinct: number) =>
  (start: unknown = 0): BatchStream & { position: number } => ({
    position: start as number,
    async *[Symbol.asyncIterator]() {
      for (;;) yield syntheticBatch(batchSize, this.position++ % distinct)
    },
    close: async () => {},
  })

export interface SyntheticOptions extends Partial<TrainerOptions> {
  readonly run: string
  readonly model?: DualEncoder
  readonly device?: DeviceName
  readonly average?: boolean
  readonly precision?: Precision
  readonly optimizer?: Optimizer
  readonly rules?: readonly ParameterRule[]
  readonly seed?: number
  readonly added?: AddedLosses
  readonly values?: ReadonlyMap<string, HostArray>
  readonly keepZeros?: readonly string[]
}

/** A trainer of a small model, by default a CLIP, on synthetic batches of 8. */
export async function syntheticTrainer({
  run,
  model = smallClip(),
  device = 'cpu',
  average = false,
  precision = 'float32',
  optimizer = adamW({ learningRate: 3e-3, weightDecay: 0.1 }),
  added,
  ...options
}: SyntheticOptions) {
  return training({
    task: contrastiveTask(model, { precision, added }),
    engine: new Engine({ device }),
    optimizer,
    clipNorm: 1,
    ...(average && { average: ema({ decay: 0.9 }) }),
    seed: 5,
    openStream: syntheticStream(8, 4),
    schedule: cosine({ warmupSteps: 4 }),
    totalSteps: 20,
    stepsPerEpoch: 4,
    checkpoints: { run, everySteps: 5, keep: 2 },
    logEverySteps: 5,
    callbacks: [],
    ...options,
  })
}
