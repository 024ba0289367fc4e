import type { HostArray } from './host-array.ts'

/**
 * Named arrays that a loader hands to a task, whose first axis is the sample.
 *
 * Usual names: `pixelValues` float32 [batch, channels, height, width], `inputIds` int64 [batch, length],
 * `attentionMask` int64 [batch, length]; further arrays are labels under the names of their
 * tasks, and what the samples of a source bring, of any rank and dtype.
 */
export interface Batch {
  /** One id a sample, for messages and for the record. */
  readonly ids: readonly string[]
  readonly arrays: Readonly<Record<string, HostArray>>
  /** The `inputIds` [length] of each sample's captions beyond its first; only where a test reads all captions. */
  readonly furtherTexts?: readonly (readonly BigInt64Array[])[]
}
