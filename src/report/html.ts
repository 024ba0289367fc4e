/** A piece of HTML that may stand in a page as it is. */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  toString(): string {
    return this.#markup
  }
}

/** Values in an {@link html} template: text is escaped, HTML is not, lists are joined, undefined is nothing. */
export type Content = Html | string | number | undefined | readonly Content[]

/**
 * HTML by template: html`<td>${file}</td>`. All values are escaped, for text and for quoted attributes, unless
 * they are {@link Html} already: no file name or caption can become markup.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return new Html(parts.map((part, i) => part + markupOf(contents[i])).join(''))
}

function markupOf(content: Content): string {
  if (content === undefined) return ''
  if (content instanceof Html) return content.toString()
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content))
  return content.map(markupOf).join('')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character]!)
