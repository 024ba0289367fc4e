import { checkOptions, ranges, wholeFrom } from '../../core/index.ts'
import { parseRandomization, type Randomization, type RandomizationInput } from '../randomization/index.ts'
import type { Setting } from '../scene/scene.ts'

/** What a data set is made from: plain data, stored in its `dataset.json`. */
export interface DatasetOptions {
  /** Scenes of all splits together. */
  readonly scenes: number
  readonly seed: number
  /** Pixels of the square pictures' side. Default 64. */
  readonly size: number
  /** Which scenes: one sort, or both in turn. Default both. */
  readonly setting: Setting | 'both'
  /** Commands for one scene at most, each about another thing. Default 3. */
  readonly commands: number
  /** Ways to say each. Default 3. */
  readonly captions: number
  /** Whether edges are smoothed, which costs four times the drawing. Default true. */
  readonly smooth: boolean
  /** Ranges of domain randomization. Default: none. */
  readonly randomization?: Randomization
  /** A robot of one's own: path of its MJCF. */
  readonly robot?: string
}

/** What is not given. */
export const datasetDefaults = {
  size: 64,
  setting: 'both',
  commands: 3,
  captions: 3,
  smooth: true,
} as const satisfies Partial<DatasetOptions>

const optionRanges = {
  scenes: wholeFrom(1, 100_000_000),
  size: wholeFrom(16, 1024),
  commands: wholeFrom(1, 16),
  captions: wholeFrom(1, 16),
  seed: ranges.whole,
}

/** @throws ConfigError `config/dataset` for a number that is not whole or out of its range. */
export const checkDatasetOptions = (options: DatasetOptions): void =>
  checkOptions('data set', options, optionRanges, { range: 'config/dataset' })

/** Ranges within which the eight colours stay what commands call them. */
const faithful = { hue: [-0.02, 0.02], saturation: [0.9, 1.2] } as const

/**
 * Ranges of `--randomize`: those of `parseRandomization`, but what `input` leaves out of hue and saturation is so
 * narrow that colours stay what commands call them.
 * @throws ConfigError `world/randomization` as `parseRandomization` does.
 */
export function tabletopRandomization(input: RandomizationInput = {}): Randomization {
  parseRandomization(input)
  return parseRandomization({ ...input, lighting: { ...faithful, ...input.lighting } })
}
