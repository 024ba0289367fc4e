import { type Batch, DataError, type HostArray, random } from '../../core/index.ts'
import {
  actionNormalization,
  type ChunkPolicyConfig,
  type ChunkRunner,
  chunkGraphInputs,
  chunkKeys,
} from '../../models/index.ts'
import { drawFor } from './chunk-loss.ts'

/** Errors of a policy on held-out data. */
export interface ChunkMetrics {
  /** Mean |â − a| over all numbers of actions that are no padding, each divided by its normalization's scale. */
  readonly error: number
  /** The same of the first action of each chunk. */
  readonly firstError: number
  readonly [name: string]: number
}

/** Errors of one sample: sums, and the number of numbers. */
export interface ChunkErrors {
  readonly sum: number
  readonly count: number
}

/** Arrays of a batch by the names of the graph's inputs; the noise of `flow` is drawn by the samples' ids. */
export function chunkFeeds(
  config: ChunkPolicyConfig,
  { ids, arrays }: Batch,
): Readonly<Record<string, HostArray>> {
  const names = chunkGraphInputs
  const found = {
    ...(config.cameras.length > 0 && { [names.pixels]: arrays.pixelValues! }),
    ...(config.state_size > 0 && { [names.state]: arrays[chunkKeys.state]! }),
    ...(config.text_config && { [names.text]: arrays.inputIds! }),
  }
  if (config.head !== 'flow') return found
  const { noise } = drawFor({ config }, ids, (id) => random(0, 'evaluation noise', id))
  return { ...found, [names.noise]: noise! }
}

/**
 * Errors of a policy over a data set.
 * @param onSample Receiver of the errors of each sample. @throws DataError `data/empty` for data without samples.
 */
export async function chunkMetrics(
  runner: ChunkRunner,
  config: ChunkPolicyConfig,
  batches: AsyncIterable<Batch>,
  onSample: (id: string, errors: ChunkErrors) => void = () => {},
): Promise<ChunkMetrics> {
  const [all, first] = [new Sums(), new Sums()]
  const { chunk_size, action_size } = config
  const { scale } = actionNormalization(config)
  for await (const batch of batches) {
    const predicted = await runner.run(chunkFeeds(config, batch))
    const actual = batch.arrays[chunkKeys.action]!.data as Float32Array
    const isPad = batch.arrays[chunkKeys.isPad]!.data
    for (const [row, id] of batch.ids.entries()) {
      const own = new Sums()
      for (let step = 0; step < chunk_size; step++) {
        if (Number(isPad[row * chunk_size + step]) > 0) continue
        for (let i = 0; i < action_size; i++) {
          const at = (row * chunk_size + step) * action_size + i
          const error = Math.abs(predicted[at]! - actual[at]!) * Math.abs(scale[i]!)
          own.add(error)
          if (step === 0) first.add(error)
        }
      }
      all.join(own)
      onSample(id, own)
    }
  }
  if (all.count === 0) throw new DataError('data/empty', 'nothing can be measured: the data has no samples')
  return { error: all.sum / all.count, firstError: first.sum / first.count }
}

class Sums implements ChunkErrors {
  sum = 0
  count = 0

  add(value: number): void {
    this.sum += value
    this.count += 1
  }

  join({ sum, count }: ChunkErrors): void {
    this.sum += sum
    this.count += count
  }
}
