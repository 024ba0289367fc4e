import { lineWidth, longestPart } from './wrapped.ts'

/** Largest width of a table in the terminal. */
export const tableWidth = 100

/** Columns between two columns of a table. */
const gap = 2

/** Least width of a column whose words must be broken. */
const leastBroken = 8

/**
 * Widths of a table's columns, so that all together fit `width`: the widest columns give way, first as far as their
 * words stay whole, then further.
 * @param rows Texts of all cells, the titles among them.
 */
export function columnWidths(rows: readonly (readonly string[])[], width: number): readonly number[] {
  const columns = rows[0]!.map((_, c) => rows.map((row) => row[c]!))
  const widths = columns.map((cells) => Math.max(...cells.map(lineWidth)))
  const whole = columns.map((cells) => Math.max(...cells.map(longestPart)))
  const broken = whole.map((least) => Math.min(least, leastBroken))
  const room = width - gap * (columns.length - 1)
  return shrunk(shrunk(widths, whole, room), broken, room)
}

/** Widths of which the largest are smaller by one and one, until they fit or all are at their least. */
function shrunk(widths: readonly number[], least: readonly number[], room: number): readonly number[] {
  const result = [...widths]
  while (result.reduce((sum, width) => sum + width, 0) > room) {
    const free = result.map((width, c) => (width > least[c]! ? width : 0))
    const widest = Math.max(...free)
    if (widest === 0) break
    result[free.lastIndexOf(widest)]! -= 1
  }
  return result
}
