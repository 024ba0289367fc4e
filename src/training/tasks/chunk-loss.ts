import {
  type Batch,
  concatenateRows,
  DataError,
  float32,
  type HostArray,
  type Random,
} from '../../core/index.ts'
import type { Tensor } from '../../graph/index.ts'
import { chunkLoss, gaussianDivergence, groundingErrors } from '../../losses/index.ts'
import {
  actionNormalization,
  type ChunkObservation,
  type ChunkPolicyModel,
  chunkKeys,
  ofGlance,
} from '../../models/index.ts'
import type { Leaves } from '../strategies/leaves.ts'
import type { TaskLoss } from '../strategies/loss-outputs.ts'
import { boxesOf, type Grounding } from './grounding.ts'

/** Arrays that the task draws for each sample and step. */
const drawn = { latent: 'latentNoise', noise: 'noise', time: 'time' } as const

/** Parameters of the Beta distribution of flow times in π0 and SmolVLA: more of them near noise. */
const timeShape = [1.5, 1] as const

/** Numbers that the losses of these samples read, each by the stream of its sample. */
export function drawFor(
  { config: { head, latent_dim, chunk_size, action_size } }: Pick<ChunkPolicyModel, 'config'>,
  ids: readonly string[],
  streamOf: (id: string) => Random,
): Readonly<Record<string, HostArray>> {
  if (head === 'l1') return {}
  const rows = ids.map((id) => {
    const stream = streamOf(id)
    const time = head === 'flow' ? stream.beta(...timeShape) * 0.999 + 0.001 : 0
    const count = head === 'flow' ? chunk_size * action_size : latent_dim
    return { time, noise: Float32Array.from({ length: count }, () => stream.normal(0, 1)) }
  })
  const noise = (shape: readonly number[]) =>
    concatenateRows(rows.map((row) => float32([1, ...shape], row.noise)))
  if (head === 'act') return { [drawn.latent]: noise([latent_dim]) }
  return {
    [drawn.noise]: noise([chunk_size, action_size]),
    [drawn.time]: float32(
      [rows.length, 1],
      rows.map(({ time }) => time),
    ),
  }
}

/** The observation of a batch's arrays. */
export const observationOfBatch = (leaves: Pick<Leaves, 'find'>): ChunkObservation => ({
  pixelValues: leaves.find('pixelValues'),
  state: leaves.find(chunkKeys.state),
  inputIds: leaves.find('inputIds'),
})

/** The loss of a batch; see `chunkTask`. */
export function chunkLosses(model: ChunkPolicyModel, leaves: Leaves, grounding?: Grounding): TaskLoss {
  const { head } = model.config
  const isPad = leaves.get(chunkKeys.isPad).cast('float32')
  const normalized = actionNormalization(model.config).apply(leaves.get(chunkKeys.action))
  const actions = isPad
    .reshape([...isPad.shape, 1])
    .greater(0)
    .where(normalized.scalar(0), normalized)
  const features = model.features(observationOfBatch(leaves))
  const loss = headLosses[head](model, { actions, isPad }, features, leaves)
  if (!grounding) return loss
  const { scores, rows, columns } = features.glimpse!
  const errors = boxesOf(grounding)
    .map((name, glance) => {
      const boxes = leaves.get(name).reshape([scores.shape[0]!, 4])
      return groundingErrors(ofGlance(scores, glance), boxes, rows, columns)
    })
    .reduce((a, b) => a.add(b))
  const sampleLosses = loss.sampleLosses.add(errors.mul(grounding.weight))
  return {
    loss: sampleLosses.mean(),
    numbers: { ...loss.numbers, groundingLoss: errors.mean() },
    sampleLosses,
  }
}

type HeadLoss = (
  model: ChunkPolicyModel,
  chunks: Chunks,
  features: ReturnType<ChunkPolicyModel['features']>,
  leaves: Leaves,
) => TaskLoss & {
  readonly sampleLosses: Tensor
}

const headLosses: Readonly<Record<ChunkPolicyModel['config']['head'], HeadLoss>> = {
  l1({ model }, { actions, isPad }, features) {
    const seen = model.encode(features)
    const sampleLosses = chunkLoss(model.decode(seen), actions, isPad, 'l1')
    return { loss: sampleLosses.mean(), sampleLosses }
  },
  act({ model, config }, { actions, isPad }, features, leaves) {
    const { mean, logVariance } = model.latentOf(actions, isPad, features.state)
    const latent = mean.add(logVariance.mul(0.5).exp().mul(leaves.get(drawn.latent)))
    const seen = model.encode(features, latent)
    const errors = chunkLoss(model.decode(seen), actions, isPad, 'l1')
    const divergence = gaussianDivergence(mean, logVariance)
    const sampleLosses = errors.add(divergence.mul(config.kl_weight))
    const numbers = { l1: errors.mean(), divergence: divergence.mean() }
    return { loss: sampleLosses.mean(), numbers, sampleLosses }
  },
  flow({ model }, { actions, isPad }, features, leaves) {
    const [noise, time] = [leaves.get(drawn.noise), leaves.get(drawn.time)]
    const t = time.reshape([time.shape[0]!, 1, 1])
    const noisy = noise.mul(t).add(actions.mul(t.neg().add(1)))
    const seen = model.encode(features)
    const velocity = model.velocity(noisy, time, seen)
    const sampleLosses = chunkLoss(velocity, noise.sub(actions), isPad, 'square')
    return { loss: sampleLosses.mean(), sampleLosses }
  },
}

/** Actions of a batch, normalized, and 1 where they are padding. */
interface Chunks {
  readonly actions: Tensor
  readonly isPad: Tensor
}

/** Refuse states and actions that no policy can learn. @throws DataError `data/not-finite` naming sample, key and place. */
export function requireFiniteRows(ids: readonly string[], arrays: Batch['arrays']): void {
  for (const key of [chunkKeys.state, chunkKeys.action]) {
    const array = arrays[key]
    if (array?.dtype !== 'float32') continue
    const at = (array.data as Float32Array).findIndex((value) => !Number.isFinite(value))
    if (at === -1) continue
    const width = array.data.length / ids.length
    const sample = ids[Math.floor(at / width)]
    throw new DataError(
      'data/not-finite',
      `${sample}: number ${at % width} of its ${key} is ${array.data[at]}. Correct the sample, or leave it out`,
      { sample, key, place: at % width },
    )
  }
}
