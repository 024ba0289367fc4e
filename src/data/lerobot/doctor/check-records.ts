import { createHash } from 'node:crypto'
import type { LerobotDataset } from '../dataset.ts'
import { lerobotStatistics } from '../layout.ts'
import type { EpisodeSeries } from './episode-series.ts'
import type { Finding } from './finding.ts'
import type { ValueSummary } from './value-summary.ts'

/** Deviation of statistics that is allowed, as a part of the values' range. */
const tolerance = 0.01

/** Episodes whose numbers are all the same. */
export function repeatedEpisodes(series: readonly EpisodeSeries[]): Finding[] {
  const seen = new Map<string, number[]>()
  for (const { episode, values } of series) {
    const hash = createHash('sha256')
    for (const [name, own] of Object.entries(values)) hash.update(name).update(own)
    const digest = hash.digest('base64')
    const same = seen.get(digest)
    if (same) same.push(episode.index)
    else seen.set(digest, [episode.index])
  }
  return [...seen.values()]
    .filter((same) => same.length > 1)
    .map((same) => ({
      kind: 'repeated-episode',
      episodes: same,
      subject: 'episodes',
      message: `${same.length} episodes hold the same numbers`,
    }))
}

/** Tasks without a text, and frames whose task is none. */
export function taskFindings(series: readonly EpisodeSeries[], { tasks }: LerobotDataset): Finding[] {
  const used = new Map<number, number[]>()
  for (const { episode, taskIndices } of series)
    for (const task of new Set(taskIndices)) used.set(task, [...(used.get(task) ?? []), episode.index])
  return [...used]
    .filter(([task]) => (tasks.get(task) ?? '').trim() === '')
    .map(([task, episodes]) => ({
      kind: 'empty-task',
      episodes,
      subject: 'task',
      message: tasks.has(task) ? `the text of task ${task} is empty` : `task ${task} is not listed`,
    }))
}

/** Statistics of `stats.json` that the data does not have. */
export function statisticsFindings(summaries: readonly ValueSummary[], { stats }: LerobotDataset): Finding[] {
  const missing: Finding = {
    kind: 'statistics',
    episodes: [],
    subject: 'meta/stats.json',
    message: 'the data set has no statistics',
  }
  if (stats === undefined) return [missing]
  return summaries.flatMap((summary) => {
    const { feature, at, title } = summary.name
    const own = lerobotStatistics.safeParse(stats[feature])
    const about = { kind: 'statistics', episodes: [], subject: title } as const
    if (!own.success) return [{ ...about, message: 'stats.json has no statistics of it' }]
    const range = Math.max(summary.max - summary.min, Math.abs(summary.mean), Number.MIN_VALUE)
    const differing = (['min', 'max', 'mean', 'std'] as const).flatMap((key) => {
      const told = ([own.data[key]] as unknown[]).flat(9)[at]
      const value = Number(told)
      return Math.abs(value - summary[key]) <= tolerance * range
        ? []
        : [`${key} ${written(value)}, not ${written(summary[key])}`]
    })
    return differing.length === 0 ? [] : [{ ...about, message: `stats.json says ${differing.join('; ')}` }]
  })
}

const written = (value: number): string => String(Number(value.toPrecision(4)))
