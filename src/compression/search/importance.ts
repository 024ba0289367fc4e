import { keyOf, type Parameter, type Space } from './parameter.ts'
import type { Trial } from './trial.ts'

/** Share of the variance of quality that the values of a parameter explain, and the trials that say so. */
export interface Importance {
  readonly path: string
  /** ε² of the groups, in [0, 1]. */
  readonly share: number
  readonly trials: number
}

/** Groups that a range is cut into. */
const quarters = 4

/**
 * Importance of each parameter, most important first: of the trials that have it, grouped by value (ranges by quarters of
 * equally many trials), the share of the variance of quality between the groups, less what chance would give:
 *
 *     ε² = (between − (groups − 1) · within / (trials − groups)) / total
 *
 * with sums of squares (Kelley 1935). Main effects only. A trial's quality is that of its end, or of its last validation.
 */
export function importanceOf(space: Space, trials: readonly Trial[]): Importance[] {
  const known = trials.flatMap((trial) => {
    const quality = trial.measured.quality ?? trial.reports.at(-1)?.value
    return quality === undefined || !Number.isFinite(quality) ? [] : [{ trial, quality }]
  })
  return Object.entries(space)
    .flatMap(([path, parameter]) => {
      const rows = known.flatMap(({ trial: { values }, quality }) =>
        Object.hasOwn(values, path) ? [{ value: values[path]!, quality }] : [],
      )
      const groups = groupsOf(parameter, rows)
      return groups.length < 2 || rows.length <= groups.length + 1
        ? []
        : [{ path, share: epsilonSquared(groups), trials: rows.length }]
    })
    .sort((a, b) => b.share - a.share)
}

type Row = { readonly value: Parameters<typeof keyOf>[0]; readonly quality: number }

/** Qualities of the trials of each group. */
function groupsOf(parameter: Parameter, rows: readonly Row[]): number[][] {
  const distinct = new Set(rows.map(({ value }) => keyOf(value)))
  const byValue = parameter.kind === 'choice' || distinct.size <= quarters
  const sorted = rows.toSorted((a, b) => (a.value as number) - (b.value as number))
  const groups = new Map<string | number, number[]>()
  for (const [i, row] of (byValue ? rows : sorted).entries()) {
    const group = byValue ? keyOf(row.value) : Math.floor((i * quarters) / rows.length)
    groups.set(group, [...(groups.get(group) ?? []), row.quality])
  }
  return [...groups.values()]
}

function epsilonSquared(groups: readonly (readonly number[])[]): number {
  const all = groups.flat()
  const mean = meanOf(all)
  const total = all.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const between = groups.reduce((sum, group) => sum + group.length * (meanOf(group) - mean) ** 2, 0)
  const chance = ((groups.length - 1) * (total - between)) / (all.length - groups.length)
  return total > 0 ? Math.max(0, (between - chance) / total) : 0
}

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b) / values.length
