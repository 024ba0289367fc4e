import { type Batch, ConfigError, float32, type HostArray } from '../../../core/index.ts'
import type { Communicator } from '../../communicator.ts'

/** Weights [batch] of the samples of each micro-batch, by label, and by {@link anyOf} several. */
export type LabelWeights = Readonly<Record<string, HostArray<'float32'>>>

/** Samples of a step, counted by their labels. */
export interface CountedLabels {
  /** Weights of the samples of each micro-batch. */
  readonly pieces: readonly LabelWeights[]
  /** Keys of the weights for which any sample of any member counts. */
  readonly seen: ReadonlySet<string>
}

/** Key of the weights of samples with at least one of these labels; for one label its own name. */
export const anyOf = (labels: readonly string[]): string => labels.join('|')

/**
 * Weight of each sample in the mean over the samples of the effective batch that have the label, or any of several
 * labels: 1 over their number, 0 for the others. So parts of any size add up to the mean over the whole, and a label
 * without samples adds nothing, in a micro-batch or in the whole batch.
 */
export async function labelWeights(
  microBatches: readonly Batch[],
  alternatives: readonly (readonly string[])[],
  communicator: Communicator,
): Promise<CountedLabels> {
  const present = microBatches.map((batch) => alternatives.map((labels) => presenceOfAny(batch, labels)))
  const own = alternatives.map((_, i) => present.reduce((sum, part) => sum + total(part[i]!), 0))
  const everybody = await communicator.gather(Float32Array.from(own))
  const counts = own.map((_, i) => total(everybody.filter((_, j) => j % own.length === i)))
  const pieces = present.map((part) =>
    Object.fromEntries(
      alternatives.map((labels, i) => {
        const weight = 1 / Math.max(counts[i]!, 1)
        return [
          anyOf(labels),
          float32(
            [part[i]!.length],
            part[i]!.map((has) => has * weight),
          ),
        ]
      }),
    ),
  )
  return { pieces, seen: new Set(alternatives.filter((_, i) => counts[i]! > 0).map(anyOf)) }
}

function presenceOfAny(batch: Batch, labels: readonly string[]): Float32Array {
  const [first, ...others] = labels.map((label) => presence(batch, label)) as [
    Float32Array,
    ...Float32Array[],
  ]
  return others.reduce((any, other) => any.map((has, i) => Math.max(has, other[i]!)), first)
}

/** Presence of a label: 1 where a sample has it, 0 otherwise. @throws ConfigError `training/no-label`. */
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
