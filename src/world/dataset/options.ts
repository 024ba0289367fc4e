import { ConfigError, checkOptions, ranges, wholeFrom } from '../../core/index.ts'
import { type Action, settingOf } from '../commands/command.ts'
import { parseRandomization, type Randomization, type RandomizationInput } from '../randomization/index.ts'
import type { Setting } from '../scene/scene.ts'

/** Options that determine a data set: plain data, stored in its `dataset.json`. */
export interface DatasetOptions {
  /** Count of scenes, all splits together. */
  readonly scenes: number
  readonly seed: number
  /** Side of the square images, pixels. Default 64. */
  readonly size: number
  /** Setting of the scenes: one, or both in turn. Default both. */
  readonly setting: Setting | 'both'
  /** Tasks that the commands of the scenes ask for, in turn, each in its setting. Default: anything of the setting. */
  readonly tasks?: readonly Action[]
  /** Most commands for one scene, each about another object. Default 3. */
  readonly commands: number
  /** Phrasings of each command. Default 3. */
  readonly captions: number
  /** Smooth edges, at four times the cost of drawing. Default true. */
  readonly smooth: boolean
  /** Ranges of domain randomization. Default: none. */
  readonly randomization?: Randomization
  /** Path of the MJCF of a robot of one's own. */
  readonly robot?: string
}

/** Defaults of the options. */
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

/**
 * Check the options.
 * @throws ConfigError `config/dataset` for a number that is not whole or out of its range, and for a task of another setting.
 */
export function checkDatasetOptions(options: DatasetOptions): void {
  checkOptions('data set', options, optionRanges, { range: 'config/dataset' })
  const { setting, tasks = [] } = options
  const elsewhere = tasks.find((task) => setting !== 'both' && settingOf[task] !== setting)
  if (elsewhere === undefined) return
  throw new ConfigError(
    'config/dataset',
    `tasks of the data set: '${elsewhere}' is done ${placeNames[settingOf[elsewhere]]}, and the setting is '${setting}'`,
    { setting, tasks },
  )
}

const placeNames: Readonly<Record<Setting, string>> = { table: 'at the table', floor: 'on the floor' }

/** Ranges within which the eight colours keep their names in commands. */
const faithful = { hue: [-0.02, 0.02], saturation: [0.9, 1.2] } as const

/**
 * Ranges of `--randomize`: those of `parseRandomization`, with defaults for hue and saturation so narrow that colours
 * keep their names in commands.
 * @throws ConfigError `world/randomization` as `parseRandomization` does.
 */
export function tabletopRandomization(input: RandomizationInput = {}): Randomization {
  parseRandomization(input)
  return parseRandomization({ ...input, lighting: { ...faithful, ...input.lighting } })
}
