import { DataError } from '../../core/index.ts'
import type { SampleValues } from '../suite/measured.ts'
import type { Condition } from './axes.ts'

/** Record of what a model got right on data that is clean, or of one condition. */
export interface Trial {
  /** Undefined: clean. */
  readonly condition: Condition | undefined
  /** 1 for right and 0 for wrong of each sample, by measure: `imageToText.R@1`, `accuracy`, `grasping.success`. */
  readonly right: Readonly<Record<string, SampleValues>>
  /** Part of the samples, in [0, 1], that are right with the commands of others, by measure; only of policies. */
  readonly control?: Readonly<Record<string, number>>
}

/** All trials of a model on a data set. */
export interface Trials {
  readonly clean: Trial
  /** Trials of one condition each, at least one. */
  readonly corrupted: readonly Trial[]
  /** Passes over the data set: over its images, its texts, or both. */
  readonly passes: number
}

/**
 * Refuse a pass whose samples are not those of the clean one.
 * @throws DataError `evaluation/changed-data` naming the data set, the condition and the first sample that differs.
 */
export function requireSameSamples(
  name: string,
  { variation }: Condition,
  clean: readonly string[],
  found: readonly string[],
): void {
  const at =
    clean.length === found.length
      ? clean.findIndex((id, row) => found[row] !== id)
      : Math.min(clean.length, found.length)
  if (at === -1) return
  const sample = clean[at] ?? found[at]
  throw new DataError(
    'evaluation/changed-data',
    `${name} with ${variation.name} has ${found.length} samples and without it ${clean.length}, or others (${sample}): ` +
      'it was changed while it was read. Evaluate it again when nothing writes to it',
    { data: name, variation: variation.name, sample },
  )
}
