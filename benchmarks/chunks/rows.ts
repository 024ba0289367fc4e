import type { Acted, Way } from './act.ts'
import { ways } from './act.ts'
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

/** Rows of each comparison. @param seeds Seeds of the heads; all else is compared with the first. */
export function comparisonRows(seeds: readonly number[]): Readonly<Record<ComparisonName, readonly Row[]>> {
  const usual = { head: 'act', chunk: usualChunk, seed: seeds[0]! } as const
  const row = (policy: Compared, way: Way = 'queue', latency = 0): Row => ({ policy, way, latency })
  return {
    heads: heads.flatMap((head) => seeds.map((seed) => row({ ...usual, head, seed }))),
    lengths: chunkLengths.map((chunk) => row({ ...usual, chunk })),
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
