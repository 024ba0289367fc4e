import { formatBytes, formatDuration, formatNumber } from './quantity.ts'
import type { Table } from './table.ts'

/** A trial of a study, as pages and tables show it. */
export interface ShownTrial {
  readonly number: number
  readonly origin: 'recipe' | 'sampler'
  readonly values: Readonly<Record<string, unknown>>
  readonly state: string
  readonly reports: readonly { readonly resource: number; readonly value: number }[]
  readonly measured: Readonly<Record<string, number>>
  readonly seconds: number
  readonly reason?: string
}

/** A number that a study improves. */
export interface ShownObjective {
  readonly name: string
  readonly direction: 'max' | 'min'
}

/** A table of trials with their objectives and values. */
export const studyTable = (trials: readonly ShownTrial[], objectives: readonly ShownObjective[]): Table => ({
  columns: [
    { title: 'Trial' },
    ...objectives.map(({ name }) => ({ title: objectiveTitle(name), align: 'right' as const })),
    { title: 'Values' },
  ],
  rows: trials.map((trial) => [
    trial.number,
    ...objectives.map(({ name }) => objectiveText(name, trial.measured[name])),
    valuesText(trial),
  ]),
})

/** One line for people about a trial: `trial 7 finished in 41 s: quality 61.25, latency 0.42 ms`. */
export function trialText(trial: ShownTrial, objectives: readonly string[]): string {
  const { number, state, seconds, reason, reports, measured } = trial
  const known = ['quality', ...objectives.filter((name) => name !== 'quality')].flatMap((name) => {
    const value = measured[name] ?? (name === 'quality' ? reports.at(-1)?.value : undefined)
    return value === undefined ? [] : [`${name} ${objectiveText(name, value)}`]
  })
  const said = [reason, ...known].filter((text) => text !== undefined).join(', ')
  const how = state === 'running' ? 'interrupted' : state
  return `trial ${number} ${how} after ${formatDuration(seconds)}${said && `: ${said}`} (${valuesText(trial)})`
}

/** Values of a trial by the ends of their paths; the recipe's own are said to be so. */
export function valuesText({ values, origin }: ShownTrial): string {
  const text = Object.entries(values)
    .map(([path, value]) => `${path}=${shortValue(value)}`)
    .join(' ')
  return origin === 'recipe' ? "the recipe's own" : text
}

/** A value as JSON, numbers with four digits. */
export const shortValue = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'number' ? Number(inner.toPrecision(4)) : inner,
  )

/** Name of an objective, for people. */
export const objectiveTitle = (name: string): string => titles[name] ?? name

const titles: Readonly<Record<string, string>> = {
  quality: 'Quality',
  latency: 'Latency',
  latencyP95: 'Latency, p95',
  batchLatency: 'Latency of a batch',
  batchLatencyP95: 'Latency of a batch, p95',
  parameters: 'Parameters',
  memory: 'Memory',
}

/** Value of an objective with its unit. */
export function objectiveText(name: string, value: number | undefined): string | undefined {
  if (value === undefined) return undefined
  if (name.toLowerCase().includes('latency')) return `${value.toPrecision(3)} ms`
  if (name.toLowerCase().includes('memory')) return formatBytes(value)
  if (name === 'parameters') return formatNumber(value, 0)
  return value.toPrecision(4)
}
