import { basename } from 'node:path'
import { recipes } from '../../src/index.ts'
import type { Acted, Way } from './act.ts'
import { ways } from './act.ts'
import type { Planned, PlannedTask } from './planned.ts'
import { type Compared, chunkLengths, heads, usualChunk } from './trainings.ts'

/** One row: a policy, and how it acts. */
export interface Row {
  readonly policy: Compared
  readonly way: Way
  /** Milliseconds. */
  readonly latency: number
}

export const comparisonNames = ['heads', 'lengths', 'ways', 'latency'] as const
export type ComparisonName = (typeof comparisonNames)[number]

/** A row of plans: by the right answers, or by those of the run of a one-shot policy. */
export interface PlannedRow {
  readonly task: PlannedTask
  readonly run?: string
}

const runOf = (recipe: string): string => {
  const { base } = recipes[recipe]!()
  if (base === undefined) throw new Error(`${recipe} has no base`)
  return base
}

/** The experts, and the eyes that the recipes begin with. */
export const plannedRows: readonly PlannedRow[] = [
  { task: 'picking' },
  { task: 'picking', run: runOf('tabletop-act') },
  { task: 'putting' },
  { task: 'putting', run: runOf('tabletop-put') },
]

/** The table of plans in Markdown, of the rows that were tried. */
export function plannedTable(planned: (row: PlannedRow) => Planned | undefined): string {
  const lines = plannedRows.flatMap((row) => {
    const found = planned(row)
    if (!found) return []
    const { successes, episodes, interval, unreachable } = found
    const percent = (part: number) => (100 * part).toFixed(0)
    const cells = [
      row.task,
      row.run ? `predicted by \`${basename(row.run)}\`` : 'right',
      percent(successes / episodes),
      interval.map(percent).join(' – '),
      String(unreachable),
    ]
    return [cells]
  })
  const columns = ['Task', 'Grasp and place', 'Success, %', '95 % interval', 'Scenes without a plan']
  const rows = [columns, columns.map(() => '---'), ...lines]
  return `**Plans**\n\n${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`
}

/** Rows of each comparison. @param seeds Seeds of heads and lengths; all else is compared with the first. */
export function comparisonRows(seeds: readonly number[]): Readonly<Record<ComparisonName, readonly Row[]>> {
  const usual = { head: 'act', chunk: usualChunk, seed: seeds[0]! } as const
  const row = (policy: Compared, way: Way = 'queue', latency = 0): Row => ({ policy, way, latency })
  return {
    heads: heads.flatMap((head) => seeds.map((seed) => row({ ...usual, head, seed }))),
    lengths: chunkLengths.flatMap((chunk) => seeds.map((seed) => row({ ...usual, chunk, seed }))),
    ways: ways.map((way) => row(usual, way)),
    latency: [0, 50, 100, 150, 200].flatMap((latency) => [
      row(usual, 'queue', latency),
      row(usual, 'asynchronous', latency),
    ]),
  }
}

const titles: Readonly<Record<ComparisonName, string>> = {
  heads: 'Heads',
  lengths: 'Lengths of chunks',
  ways: 'Ways from chunks to actions',
  latency: 'Latency',
}

const head = ['Head', 'Chunk', 'Seed', 'Actions', 'Latency, ms', 'Picked up, %', '95 % interval']

/**
 * The tables of comparisons in Markdown, of the rows that were tried, with the count of the others.
 * @param acted What came of a row; undefined where it was not tried yet.
 */
export const comparisonTables = (
  comparisons: Readonly<Partial<Record<ComparisonName, readonly Row[]>>>,
  acted: (row: Row) => Acted | undefined,
): string =>
  Object.entries(comparisons)
    .map(([name, rows]) => {
      const tried = rows.flatMap((row) => {
        const found = acted(row)
        return found ? [cellsOf(row, found)] : []
      })
      const left = rows.length - tried.length
      const title = `**${titles[name as ComparisonName]}**${left > 0 ? `: ${left} of ${rows.length} rows not tried yet` : ''}`
      if (tried.length === 0) return title
      const columns = [...head, 'Seconds', 'Jerk at seams', 'elsewhere']
      const lines = [columns, columns.map(() => '---'), ...tried]
      return `${title}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}`
    })
    .join('\n\n')

function cellsOf({ policy, way, latency }: Row, acted: Acted): string[] {
  const { successes, episodes, interval, seconds, seams, elsewhere } = acted
  const percent = (part: number) => (100 * part).toFixed(0)
  return [
    ...[policy.head, policy.chunk, policy.seed, way, latency].map(String),
    percent(successes / episodes),
    interval.map(percent).join(' – '),
    seconds?.toFixed(1) ?? '–',
    seams?.toFixed(0) ?? '–',
    elsewhere?.toFixed(0) ?? '–',
  ]
}
