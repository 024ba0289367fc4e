import { type Html, html } from './html.ts'
import { alignsRight, cellText, type Table } from './table.ts'

/** A table for a page, whose cells may be HTML; it scrolls sideways in a narrow window. */
export function htmlTable(table: Table<Html>): Html {
  const kinds = table.columns.map((_, c) => (alignsRight(table, c) ? 'number' : 'text'))
  const head = table.columns.map(({ title }, c) => html`<th class="${kinds[c]}" scope="col">${title}</th>`)
  const rows = table.rows.map((row) => {
    const cells = table.columns.map(
      (column, c) => html`<td class="${kinds[c]}">${cellText(column, row[c])}</td>`,
    )
    return html`<tr>${cells}</tr>\n`
  })
  return html`<div class="table"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${rows}</tbody>
</table></div>`
}
