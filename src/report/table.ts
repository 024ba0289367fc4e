import { columnWidths, tableWidth } from './column-widths.ts'
import { formatNumber } from './quantity.ts'
import { lineWidth, wrapped } from './wrapped.ts'

/** Heading and format of a column. */
export interface Column {
  readonly title: string
  /** Decimals of its numbers; default: as many as they have, up to six digits. */
  readonly digits?: number
  /** Alignment. Default: right if every cell is a number, else left. */
  readonly align?: 'right'
}

/**
 * Rows of cells under columns, for the terminal and for pages. A missing cell shows as –. `Rich` is the type of
 * cells besides text and numbers.
 */
export interface Table<Rich = never> {
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly (string | number | undefined | Rich)[])[]
}

/**
 * A table for the terminal: columns two spaces apart, a rule beneath the titles. Characters that are two
 * columns wide in a terminal (emoji, Chinese, Japanese, Korean) count as two; control characters become spaces. A
 * table that is wider than 100 columns goes on in further lines of its cells.
 */
export function textTable(table: Table): string {
  const titles = table.columns.map(({ title }) => title)
  const rows = table.rows.map((row) =>
    table.columns.map((column, c) => printable(cellText<string>(column, row[c]))),
  )
  const isRight = table.columns.map((_, c) => alignsRight(table, c))
  const widths = columnWidths([titles, ...rows], tableWidth)
  const lines = (cells: readonly string[]) => rowLines(cells, widths, isRight)
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [...lines(titles), rule, ...rows.flatMap(lines)].join('\n')
}

/** The lines of a row: each cell in as many as it needs. */
function rowLines(
  cells: readonly string[],
  widths: readonly number[],
  isRight: readonly boolean[],
): string[] {
  const parts = cells.map((cell, c) => wrapped(cell, widths[c]!))
  const height = Math.max(...parts.map(({ length }) => length))
  return Array.from({ length: height }, (_, line) =>
    parts
      .map((part, c) => pad(part[line] ?? '', widths[c]!, isRight[c]!))
      .join('  ')
      .trimEnd(),
  )
}

/** Text of a cell: numbers with the column's decimals, – for a missing one, anything else unchanged. */
export function cellText<Rich = never>(
  column: Column,
  cell: string | number | undefined | Rich,
): string | Rich {
  if (cell === undefined) return '–'
  return typeof cell === 'number' ? formatNumber(cell, column.digits) : cell
}

/** True when column `c` is aligned right. */
export function alignsRight({ columns, rows }: Table<unknown>, c: number): boolean {
  const cells = rows.map((row) => row[c]).filter((cell) => cell !== undefined)
  return (
    columns[c]!.align === 'right' || (cells.length > 0 && cells.every((cell) => typeof cell === 'number'))
  )
}

const printable = (text: string): string => text.replace(/\p{Cc}/gu, ' ')

function pad(text: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - lineWidth(text))
  return right ? space + text : text + space
}
