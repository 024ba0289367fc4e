import { ConfigError } from '../core/index.ts'
import type { Source } from '../data/index.ts'
import type { HeadConfig, PolicyConfig } from '../models/index.ts'

/** Sums over the samples that have a label. */
class Moments {
  count = 0
  readonly #sums: number[]
  readonly #squares: number[]

  constructor(width: number) {
    this.#sums = new Array<number>(width).fill(0)
    this.#squares = new Array<number>(width).fill(0)
  }

  add(values: readonly number[]): void {
    this.count++
    values.forEach((value, i) => {
      this.#sums[i]! += value
      this.#squares[i]! += value * value
    })
  }

  get mean(): number[] {
    return this.#sums.map((sum) => sum / this.count)
  }

  /** Root of the mean variance of the first `width` numbers; 1 where they never differ. */
  spread(width: number): number {
    const variances = this.mean.slice(0, width).map((mean, i) => this.#squares[i]! / this.count - mean * mean)
    const variance = variances.reduce((sum, value) => sum + value, 0) / width
    return variance > 1e-12 ? Math.sqrt(variance) : 1
  }
}

/**
 * The config with `mean` and `scale` of every head that does not say them, from the labels of the training data: of
 * boxes the mean width and height, of all others the mean numbers and their spread (of a pose that of its position).
 * @throws ConfigError `config/label` for a head of whose label the data has not one.
 */
export async function withLabelStatistics(
  config: PolicyConfig,
  source: Source,
  { onBad }: { readonly onBad?: () => void },
): Promise<PolicyConfig> {
  const wanted = Object.entries(config.heads).filter(([, head]) => !isComplete(head))
  if (wanted.length === 0) return config
  const moments = new Map(wanted.map(([name, head]) => [name, new Moments(widthOf(head))]))
  for await (const { labels = {} } of source.samples(onBad ? { onBad } : {})) {
    for (const [name, head] of wanted) {
      const values = labels[labelOf(head)]
      if (values) moments.get(name)!.add(head.kind === 'detection' ? sides(values) : values)
    }
  }
  const heads = wanted.map(([name, head]) => {
    const found = moments.get(name)!
    if (found.count === 0) throw noneOf(name, labelOf(head), source)
    const { mean, spread } = {
      mean: found.mean,
      spread: found.spread(head.kind === 'pose' ? 3 : widthOf(head)),
    }
    const unit = head.kind === 'detection' ? { mean } : { mean, scale: spread }
    return [name, { ...unit, ...head }] as const
  })
  return { ...config, heads: { ...config.heads, ...Object.fromEntries(heads) } }
}

/** Whether a head needs nothing from the data: its unit is given, or it has none. */
const isComplete = (head: HeadConfig): boolean =>
  head.kind === 'classification' ||
  (head.mean !== undefined && (head.kind === 'detection' || head.scale !== undefined))

const labelOf = (head: HeadConfig): string => (head.kind === 'detection' ? head.box : head.label)

const sides = ([left, top, right, bottom]: readonly number[]): number[] => [right! - left!, bottom! - top!]

const widthOf = (head: HeadConfig): number =>
  'length' in head ? head.length : head.kind === 'pose' ? 6 : head.kind === 'detection' ? 2 : 3

const noneOf = (head: string, label: string, { name }: Source): ConfigError =>
  new ConfigError(
    'config/label',
    `model.heads.${head}: no sample of ${name} has the label '${label}'; leave the head out, or add such samples`,
    { head, label, source: name },
  )
