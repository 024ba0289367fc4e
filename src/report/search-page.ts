import { type Html, html } from './html.ts'
import { page } from './page.ts'
import { pictureAddress } from './picture.ts'
import { formatNumber } from './quantity.ts'

/** A file that a search found. */
export interface SearchResult {
  readonly file: string
  /** Cosine similarity to the query, −1 to 1. */
  readonly similarity: number
  /** PNG, JPEG or WebP bytes to show; a small copy is enough. */
  readonly picture: Uint8Array
}

/** A query and the nearest files, best first. */
export interface Search {
  readonly query: string
  readonly results: readonly SearchResult[]
}

/**
 * The results of a search as a page of its own: a grid of images with rank, similarity and file, each on grey, so that
 * white and transparent ones can be seen.
 *
 * @throws DataError `report/unknown-picture` for an image that is not PNG, JPEG or WebP.
 */
export function searchPage({ query, results }: Search): string {
  const found = results.length === 1 ? '1 picture' : `${results.length} pictures`
  const body = html`<ol class="found">
${results.map(foundItem)}</ol>`
  const note = 'Rank, and similarity to the words: the cosine, from −1 to 1.'
  return page({
    title: query,
    subtitle: `The nearest ${found}`,
    sections: [{ title: 'Results', note, body }],
  })
}

function foundItem({ file, similarity, picture }: SearchResult, i: number): Html {
  const name = file.slice(file.lastIndexOf('/') + 1)
  const folder = file.slice(0, file.length - name.length)
  return html`<li><img class="tile" src="${pictureAddress(picture)}" alt="" loading="lazy">\
<div class="place"><b>${i + 1}</b><span>${formatNumber(similarity, 3)}</span></div>\
<div class="file" title="${file}"><span>${folder}</span>${name}</div></li>
`
}
