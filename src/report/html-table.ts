import { type Html, html } from './html.ts'
import { alignsRight, cellText, type Table } from './table.ts'

/** Number of columns from which a table's rows are lists in a narrow window. */
const wide = 5

/**
 * A table for a page, whose cells may be HTML. In a narrow window it scrolls sideways; with five columns or more, each
 * of its rows becomes a list with the titles before the cells.
 * @param options `scrolls`: scroll sideways however many columns there are, as suits a matrix. Default false.
 */
export function htmlTable(
  table: Table<Html>,
  { scrolls = false }: { readonly scrolls?: boolean } = {},
): Html {
  const isWide = table.columns.length >= wide && !scrolls
  const kinds = table.columns.map((_, c) => (alignsRight(table, c) ? 'number' : 'text'))
  const head = table.columns.map(({ title }, c) => html`<th class="${kinds[c]}" scope="col">${title}</th>`)
  const rows = table.rows.map((row) => {
    const cells = table.columns.map(
      (column, c) =>
        html`<td class="${kinds[c]}"${isWide ? html` data-title="${column.title}"` : ''}>${cellText(column, row[c])}</td>`,
    )
    return html`<tr>${cells}</tr>\n`
  })
  return html`<div class="${isWide ? 'table wide' : 'table'}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`
}
