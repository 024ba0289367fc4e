import { cellText, rolloutTable } from '../../report/index.ts'
import type { TriedEpisode } from '../rollout/rollout.ts'
import { summarizeRollout } from '../rollout/summary.ts'

/** Figures of the page, the same as in the terminal's table. */
export interface WatchedFigures {
  /** Episodes so far, and of how many. */
  readonly episodes: number
  readonly total?: number
  /** Rows of task, split, episodes and success. */
  readonly rows: readonly (readonly string[])[]
}

/** Columns of the terminal's table that the page has room for. */
const shown = ['Task', 'Split', 'Episodes', 'Success %']

/** The figures of the episodes so far. */
export function figuresOf(tried: readonly TriedEpisode[], total: number | undefined): WatchedFigures {
  const { columns, rows } = rolloutTable(summarizeRollout(tried))
  const places = shown.map((title) => columns.findIndex((column) => column.title === title))
  return {
    episodes: tried.length,
    ...(total !== undefined && { total }),
    rows: rows.map((row) => places.map((place) => cellText<string>(columns[place]!, row[place]))),
  }
}
