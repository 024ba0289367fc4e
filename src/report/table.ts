import { formatNumber } from './quantity.ts'

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
 * columns wide in a terminal (emoji, Chinese, Japanese, Korean) count as two; control characters become spaces.
 */
export function textTable(table: Table): string {
  const titles = table.columns.map(({ title }) => title)
  const rows = table.rows.map((row) =>
    table.columns.map((column, c) => printable(cellText<string>(column, row[c]))),
  )
  const widths = titles.map((title, c) =>
    Math.max(...[title, ...rows.map((row) => row[c]!)].map(terminalWidth)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => pad(cell, widths[c]!, alignsRight(table, c)))
      .join('  ')
      .trimEnd()
  return [line(titles), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
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
  const space = ' '.repeat(width - terminalWidth(text))
  return right ? space + text : text + space
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\uFE0F/u

function terminalWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}
