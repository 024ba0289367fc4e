import { html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { page } from './page.ts'
import { pictureAddress } from './picture.ts'

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
 * The results of a search as a page of its own: a table of rank, image, similarity and file.
 *
 * @throws DataError `report/unknown-picture` for an image that is not PNG, JPEG or WebP.
 */
export function searchPage({ query, results }: Search): string {
  const table = htmlTable({
    columns: [{ title: 'Rank' }, { title: 'Picture' }, { title: 'Similarity', digits: 3 }, { title: 'File' }],
    rows: results.map(({ file, similarity, picture }, i) => [
      i + 1,
      html`<img src="${pictureAddress(picture)}" alt="" loading="lazy">`,
      similarity,
      html`<code>${file}</code>`,
    ]),
  })
  const found = results.length === 1 ? '1 picture' : `${results.length} pictures`
  const body = html`<div class="results">${table}</div>`
  return page({ title: query, subtitle: `The nearest ${found}`, sections: [{ title: 'Results', body }] })
}
