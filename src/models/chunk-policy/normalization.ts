import { float32 } from '../../core/index.ts'
import type { ArrayStatistics } from '../../data/sample.ts'
import { constant, type Tensor } from '../../graph/index.ts'
import { type ChunkPolicyConfig, chunkKeys } from './config.ts'

/** Number that LeRobot adds to deviations, and takes for a span of zero. */
const epsilon = 1e-8

type Mode = ChunkPolicyConfig['normalization_mapping']['STATE']

/**
 * Linear maps into the range in which a policy learns and back, for each number of a row, as in LeRobot's processors:
 *
 *     MEAN_STD   (x − mean)/(std + 1e-8)            back  y·std + mean
 *     MIN_MAX    2(x − min)/(max − min) − 1         back  (y + 1)(max − min)/2 + min
 *     QUANTILES  the same between the quantiles at 0.01 and 0.99; what lies outside goes beyond ±1
 *
 * A span of zero counts as 1e-8, where the config allows that.
 */
export class Normalization {
  readonly #scale: readonly number[]
  readonly #centre: readonly number[]
  readonly #spread: readonly number[]
  readonly #shift: number

  constructor(mode: Mode, statistics: ArrayStatistics | undefined, size: number) {
    const { centre, spread, scale, shift } = partsOf(mode, statistics, size)
    this.#centre = centre
    this.#spread = spread
    this.#scale = scale
    this.#shift = shift
  }

  /** Rows [..., size] in the range in which the policy learns. */
  apply(x: Tensor): Tensor {
    return x.sub(row(this.#centre)).mul(row(this.#scale)).sub(this.#shift)
  }

  /** The rows that {@link apply} took. */
  invert(y: Tensor): Tensor {
    return y.add(this.#shift).mul(row(this.#spread)).add(row(this.#centre))
  }

  /** Factor of each number in {@link apply}. */
  get scale(): readonly number[] {
    return this.#scale
  }
}

const row = (values: readonly number[]) => constant(float32([values.length], values))

function partsOf(mode: Mode, statistics: ArrayStatistics | undefined, size: number) {
  const filled = (value: number) => new Array<number>(size).fill(value)
  if (mode === 'IDENTITY' || !statistics)
    return { centre: filled(0), spread: filled(1), scale: filled(1), shift: 0 }
  if (mode === 'MEAN_STD') {
    const { mean, std } = statistics
    return { centre: mean, spread: std, scale: std.map((each) => 1 / (each + epsilon)), shift: 0 }
  }
  const [low, high] = ends(mode, statistics)
  const spans = high.map((each, i) => each - low[i]! || epsilon)
  return {
    centre: low,
    spread: spans.map((span) => span / 2),
    scale: spans.map((span) => 2 / span),
    shift: 1,
  }
}

const ends = (mode: 'MIN_MAX' | 'QUANTILES', { min, max, q01 = [], q99 = [] }: ArrayStatistics) =>
  mode === 'MIN_MAX' ? ([min, max] as const) : ([q01, q99] as const)

/** The normalization of the states of a policy. */
export const stateNormalization = ({ normalization_mapping, statistics, state_size }: ChunkPolicyConfig) =>
  new Normalization(normalization_mapping.STATE, statistics[chunkKeys.state], state_size)

/** The normalization of its actions. */
export const actionNormalization = ({ normalization_mapping, statistics, action_size }: ChunkPolicyConfig) =>
  new Normalization(normalization_mapping.ACTION, statistics[chunkKeys.action], action_size)

/** Problems of the statistics by which a policy normalizes: each a key, an index and a reason. */
export function* statisticsProblems(config: ChunkPolicyConfig): Generator<string> {
  const { normalization_mapping: modes, statistics, state_size, action_size } = config
  const parts = [
    [chunkKeys.state, modes.STATE, state_size],
    [chunkKeys.action, modes.ACTION, action_size],
  ] as const
  for (const [key, mode, size] of parts) {
    if (mode === 'IDENTITY' || size === 0) continue
    const found = statistics[key]
    if (!found) yield `${key} has no statistics`
    else yield* problemsOf(key, mode, found, size, config.degenerate_statistics)
  }
}

function* problemsOf(
  key: string,
  mode: Exclude<Mode, 'IDENTITY'>,
  statistics: ArrayStatistics,
  size: number,
  degenerate: ChunkPolicyConfig['degenerate_statistics'],
): Generator<string> {
  const names = ({ MEAN_STD: ['mean', 'std'], MIN_MAX: ['min', 'max'], QUANTILES: ['q01', 'q99'] } as const)[
    mode
  ]
  for (const name of names) {
    const values = statistics[name]
    if (values?.length !== size) yield `${key}.${name} has ${values?.length ?? 0} numbers, not ${size}`
    else if (!values.every(Number.isFinite))
      yield `${key}.${name}[${values.findIndex((value) => !Number.isFinite(value))}] is not finite`
  }
  const [first, second] = names.map((name) => statistics[name] ?? []) as [
    readonly number[],
    readonly number[],
  ]
  const spreads = mode === 'MEAN_STD' ? second : second.map((value, i) => value - first[i]!)
  for (const [i, spread] of spreads.entries())
    if (spread < 0 || (spread === 0 && degenerate === 'error'))
      yield `${key}[${i}] has no spread (${names.join(', ')})`
}
