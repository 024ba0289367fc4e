import { ConfigError } from '../../core/index.ts'
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

/** @throws ConfigError `config/dataset` for a number that is not whole or out of its range. */
export function checkOptions(options: DatasetOptions): void {
  const whole = (name: 'scenes' | 'size' | 'commands' | 'captions', low: number, high: number): void => {
    const value = options[name]
    if (Number.isInteger(value) && value >= low && value <= high) return
    const problem = `${name} is ${value}; it must be a whole number from ${low} to ${high}`
    throw new ConfigError('config/dataset', problem, { option: name, value })
  }
  whole('scenes', 1, 100_000_000)
  whole('size', 16, 1024)
  whole('commands', 1, 16)
  whole('captions', 1, 16)
  if (Number.isSafeInteger(options.seed)) return
  throw new ConfigError('config/dataset', `the seed ${options.seed} must be a whole number`, {
    seed: options.seed,
  })
}

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
