import { ConfigError } from '../../core/index.ts'
import type { Source } from '../../data/source.ts'
import type { SurveyOptions } from '../family.ts'
import type { PolicyConfig } from './config.ts'
import { type HeadConfig, headKindOf, labelsOf } from './heads/index.ts'
import { LabelMoments } from './label-moments.ts'

/**
 * The config with the unit of every head that does not give it, from the labels of the training data: see
 * `HeadKind.unit`.
 * @throws ConfigError `config/label` for a head whose label no sample has.
 */
export async function withLabelUnits<Config extends Pick<PolicyConfig, 'heads'>>(
  config: Config,
  source: Pick<Source, 'name' | 'samples'>,
  { onBad }: SurveyOptions,
): Promise<Config> {
  const wanted = Object.entries(config.heads)
    .filter(([, head]) => !isComplete(head))
    .map(([name, head]) => ({ name, head, moments: new LabelMoments() }))
  if (wanted.length === 0) return config
  for await (const { labels = {} } of source.samples(onBad ? { onBad } : {})) {
    for (const { head, moments } of wanted) {
      const values = labels[measuredLabel(head)]
      if (values) moments.add(headKindOf(head).measured?.(values) ?? values)
    }
  }
  const heads = wanted.map(({ name, head, moments }) => {
    if (moments.count === 0) throw noneOf(name, measuredLabel(head), source)
    const unit = Object.entries(headKindOf(head).unit).map(([key, of]) => [key, of(moments)] as const)
    const complete = { ...Object.fromEntries(unit), ...head }
    const problem = statisticProblem(complete)
    if (problem !== undefined) throw degenerate(name, measuredLabel(head), problem, source)
    return [name, complete] as const
  })
  return { ...config, heads: { ...config.heads, ...Object.fromEntries(heads) } }
}

/**
 * The problem of the statistics of a head: one that is missing, not finite, or without spread, by which nothing can be scaled.
 * Undefined where all are sound.
 */
export function statisticProblem(head: HeadConfig): string | undefined {
  for (const key of Object.keys(headKindOf(head).unit)) {
    const value = head[key as keyof HeadConfig] as number | readonly number[] | undefined
    if (value === undefined) return `has no ${key}`
    const bad = [value].flat().find((number) => !Number.isFinite(number))
    if (bad !== undefined) return `has the ${key} ${bad}`
    if (key === 'scale' && !(Number(value) > 0)) return 'has no spread: its values never differ'
  }
  return undefined
}

/** Tell a head that needs nothing from the data: its unit is given, or it has none. */
const isComplete = (head: HeadConfig): boolean =>
  Object.keys(headKindOf(head).unit).every((key) => head[key as keyof HeadConfig] !== undefined)

const measuredLabel = (head: HeadConfig): string => labelsOf(head)[0]!

const noneOf = (head: string, label: string, { name }: Pick<Source, 'name'>): ConfigError =>
  new ConfigError(
    'config/label',
    `model.heads.${head}: no sample of ${name} has the label '${label}'; leave the head out, or add such samples`,
    { head, label, source: name },
  )

const degenerate = (
  head: string,
  label: string,
  problem: string,
  { name }: Pick<Source, 'name'>,
): ConfigError =>
  new ConfigError(
    'config/label',
    `model.heads.${head}: the label '${label}' of ${name} ${problem}. Leave the head out, take other data, or give mean and scale`,
    { head, label, source: name },
  )
