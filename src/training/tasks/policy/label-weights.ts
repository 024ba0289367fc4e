import { type Batch, ConfigError, float32, type HostArray } from '../../../core/index.ts'
import type { Communicator } from '../../communicator.ts'

/** Weights [batch] of the samples of each micro-batch, by label. */
export type LabelWeights = Readonly<Record<string, HostArray<'float32'>>>

/**
 * What each sample counts in the mean over those samples of the effective batch that have the label: 1 over their
 * number, 0 for the others. So parts of any size add up to the mean over the whole, and a label that a micro-batch
 * lacks, or the whole batch, costs nothing.
 */
export async function labelWeights(
  microBatches: readonly Batch[],
  labels: readonly string[],
  communicator: Communicator,
): Promise<LabelWeights[]> {
  const present = microBatches.map((batch) =>
    Object.fromEntries(labels.map((label) => [label, presence(batch, label)])),
  )
  const own = labels.map((label) => present.reduce((sum, part) => sum + total(part[label]!), 0))
  const everybody = await communicator.gather(Float32Array.from(own))
  const counts = labels.map((_, i) =>
    everybody.filter((_, j) => j % labels.length === i).reduce((sum, count) => sum + count, 0),
  )
  return present.map((part) =>
    Object.fromEntries(
      labels.map((label, i) => {
        const weight = 1 / Math.max(counts[i]!, 1)
        return [
          label,
          float32(
            [part[label]!.length],
            part[label]!.map((has) => has * weight),
          ),
        ]
      }),
    ),
  )
}

/** 1 where a sample has the label, 0 where it lacks it. @throws ConfigError `training/no-label`. */
export function presence({ arrays }: Batch, label: string): Float32Array {
  const array = arrays[`${label}Present`]
  if (array && arrays[label]) return array.data as Float32Array
  const known = Object.keys(arrays)
    .filter((name) => `${name}Present` in arrays)
    .join(', ')
  throw new ConfigError(
    'training/no-label',
    `the batches have no label '${label}', which a head learns from; ${known ? `there are ${known}` : 'the data has no labels'}`,
    { label },
  )
}

const total = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0)
