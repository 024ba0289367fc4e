import { ConfigError } from '../core/index.ts'
import type { OnBadSample } from '../data/index.ts'
import type { CheckpointChoice } from '../deploy/index.ts'
import type { DeviceName } from '../engine/index.ts'

/** Options of `evaluate`. */
export interface EvaluateOptions {
  readonly data?: readonly string[]
  readonly suite?: string
  readonly compare?: readonly string[]
  readonly verify?: string
  readonly out?: string
  readonly keepFeatures?: string
  readonly clipBenchmark?: string
  readonly onBadSample: OnBadSample
  readonly checkpoint?: CheckpointChoice
  readonly device: DeviceName
  readonly threads?: number
  readonly with?: string
  readonly json?: true
}

/** Options with the words of the command line. */
export interface GivenOptions extends EvaluateOptions {
  readonly command: readonly string[]
}

/**
 * Refuse options that do not go together, before anything is read.
 * @param isGiven Tell an option that stands on the command line from a default.
 * @throws ConfigError `cli/options` naming them and the way out.
 */
export function requireTogether(
  model: string | undefined,
  options: EvaluateOptions,
  isGiven: (option: keyof EvaluateOptions) => boolean,
): void {
  const rules = options.verify !== undefined ? verifying : options.compare ? comparing : evaluating
  const problem = rules(model, options, isGiven)
  if (problem !== undefined) throw new ConfigError('cli/options', problem)
}

type Rules = (...given: Parameters<typeof requireTogether>) => string | undefined

const verifying: Rules = (model, _, isGiven) => {
  if (model !== undefined) return '--verify takes the model from the file: leave the model out'
  const taken = ['suite', 'compare', 'data', 'checkpoint', 'device', 'threads', 'onBadSample'] as const
  const files = ['out', 'keepFeatures', 'clipBenchmark'] as const
  const own = taken.find(isGiven)
  if (own) return `--verify takes suite and settings from the file: leave out ${flagOf(own)}`
  const written = files.find(isGiven)
  return written && `--verify writes no files: leave out ${flagOf(written)}`
}

const comparing: Rules = (model, { compare, suite, data }, isGiven) => {
  if (model !== undefined) return '--compare names both models: leave out the other one'
  if (compare!.length !== 2) return `--compare takes two models, not ${compare!.length}`
  if (suite === undefined) return '--compare needs a --suite'
  if (data) return 'a suite names its own data: leave out --data'
  if (isGiven('checkpoint'))
    return '--compare takes the best checkpoint of each run: leave out --checkpoint, or export the others'
  return isGiven('clipBenchmark') ? '--clip-benchmark is for one model: leave out --compare' : undefined
}

const evaluating: Rules = (model, { suite, data }, isGiven) => {
  if (model === undefined) return 'name the model: a run, a bundle, or a folder of Hugging Face'
  if (suite !== undefined) return data && 'a suite names its own data: leave out --data, or --suite'
  const ofSuites = (['out', 'keepFeatures', 'clipBenchmark'] as const).find(isGiven)
  return ofSuites && `${flagOf(ofSuites)} is for a suite: add --suite`
}

/** The flag of an option: `keepFeatures` is `--keep-features`. */
const flagOf = (option: string): string =>
  `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
