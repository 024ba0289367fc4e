import { type Html, html } from './html.ts'
import { pictureAddress } from './picture.ts'
import { formatNumber } from './quantity.ts'

/** A picture (PNG, JPEG or WebP bytes), words, or a picture with its caption. */
export interface Item {
  readonly picture?: Uint8Array
  readonly caption: string
}

/** Something found for a query. */
export interface RetrievedItem extends Item {
  /** Place in the whole gallery, from 1. */
  readonly rank: number
  /** Cosine similarity to the query, −1 to 1. */
  readonly similarity: number
  readonly correct: boolean
}

/** A query and what was found for it, best first. */
export interface AnsweredQuery {
  readonly query: Item
  readonly retrieved: readonly RetrievedItem[]
}

/**
 * Queries with what was retrieved for each: green frame and ✓ where it is right, red frame and ✗ where wrong,
 * with rank, similarity and caption.
 *
 * @throws DataError `report/unknown-picture` when a picture is none of PNG, JPEG and WebP.
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
  picture && html`<img src="${pictureAddress(picture)}" alt="" loading="lazy">`
