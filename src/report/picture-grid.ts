import { type Html, html } from './html.ts'
import { pictureAddress } from './picture.ts'
import { formatNumber } from './quantity.ts'

/** An image (PNG, JPEG or WebP bytes), a text, or an image with its caption. */
export interface Item {
  readonly picture?: Uint8Array
  readonly caption: string
}

/** An item that was found for a query. */
export interface RetrievedItem extends Item {
  /** Place in the whole gallery, from 1. */
  readonly rank: number
  /** Cosine similarity to the query, −1 to 1. */
  readonly similarity: number
  readonly correct: boolean
}

/** A query with the items found for it, best first. */
export interface AnsweredQuery {
  readonly query: Item
  readonly retrieved: readonly RetrievedItem[]
}

/**
 * Queries with the items found for each: green frame and ✓ for a right one, red frame and ✗ for a wrong one,
 * with rank, similarity and caption.
 *
 * @throws DataError `report/unknown-picture` for an image that is not PNG, JPEG or WebP.
 */
export function pictureGrid(queries: readonly AnsweredQuery[]): Html {
  return html`<div class="queries">
${queries.map(answeredQuery)}</div>`
}

const answeredQuery = ({ query, retrieved }: AnsweredQuery): Html => html`<article class="query">
<div class="asked">${pictureOf(query)}<p>${query.caption}</p></div>
<ol class="retrieved">
${retrieved.map(retrievedItem)}</ol>
</article>
`

function retrievedItem(item: RetrievedItem): Html {
  const [kind, mark] = item.correct ? ['right', '✓'] : ['wrong', '✗']
  return html`<li class="${kind}"><div class="place"><b title="${kind}">${item.rank} ${mark}</b>\
<span>${formatNumber(item.similarity, 2)}</span></div>${pictureOf(item)}\
<div class="caption" title="${item.caption}">${item.caption}</div></li>
`
}

const pictureOf = ({ picture }: Item): Html | undefined =>
  picture && html`<img class="tile" src="${pictureAddress(picture)}" alt="" loading="lazy">`
