import { type Batch, float32, type HostArray, int64 } from '../../src/core/index.ts'
import {
  ChunkPolicyModel,
  type ChunkPolicyOptions,
  chunkPolicy,
  families,
  type Vocabulary,
} from '../../src/models/index.ts'

const statistic = (size: number) => ({
  min: new Array<number>(size).fill(-2),
  max: new Array<number>(size).fill(2),
  mean: new Array<number>(size).fill(0.1),
  std: new Array<number>(size).fill(0.5),
  q01: new Array<number>(size).fill(-1.5),
  q99: new Array<number>(size).fill(1.5),
})

/** Statistics of the tiny policy's data. */
export const tinyStatistics = { 'observation.state': statistic(3), action: statistic(2) }

/** A tiny policy that acts in chunks. Defaults: three numbers of state, two of action, chunks of four, no cameras. */
export function tinyChunkPolicy({
  vocabulary,
  ...options
}: Partial<ChunkPolicyOptions> & { readonly vocabulary?: Vocabulary } = {}): ChunkPolicyModel {
  const config = chunkPolicy({
    head: 'l1',
    cameras: [],
    state: 3,
    action: 2,
    chunk: 4,
    image: { width: 8, depth: 1, heads: 2, size: 8, patch: 4 },
    width: 16,
    heads: 2,
    hidden: 24,
    encoderDepth: 1,
    decoderDepth: 1,
    latent: 4,
    latentDepth: 1,
    dropout: 0,
    steps: 4,
    ...options,
  })
  const named = vocabulary ? families.chunk_policy.withVocabulary(config, vocabulary) : config
  return new ChunkPolicyModel({ ...named, statistics: tinyStatistics })
}

/** A batch for it. @param rows Of `observation.state` and of `action`, sample by sample. */
export function chunkBatch(
  states: readonly (readonly number[])[],
  actions: readonly (readonly (readonly number[])[])[],
  more: Readonly<Record<string, HostArray>> = {},
): Batch {
  const count = states.length
  const [chunk, width] = [actions[0]!.length, actions[0]![0]!.length]
  return {
    ids: states.map((_, i) => `sample ${i}`),
    arrays: {
      'observation.state': float32([count, states[0]!.length], states.flat()),
      action: float32([count, chunk, width], actions.flat(2)),
      action_is_pad: float32([count, chunk], new Float32Array(count * chunk)),
      inputIds: int64([count, 2], new Array<number>(2 * count).fill(0)),
      ...more,
    },
  } as unknown as Batch
}
