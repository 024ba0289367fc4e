import { type Html, html } from './html.ts'
import type { Section } from './page.ts'

/** A section with the name that links to it. */
export interface LinkedSection {
  readonly section: Section
  readonly id: string
  readonly parts: readonly LinkedSection[]
}

/** Sections and their parts with names for links: the words of their titles, unique within the page. */
export function linked(sections: readonly Section[]): LinkedSection[] {
  const taken = new Set<string>()
  const nameOf = (words: string): string => {
    let id = words
    for (let number = 2; taken.has(id); number++) id = `${words}-${number}`
    taken.add(id)
    return id
  }
  const link = (section: Section, above: string): LinkedSection => {
    const id = nameOf(above + wordsOf(section.title))
    return { section, id, parts: (section.parts ?? []).map((part) => link(part, `${id}-`)) }
  }
  return sections.map((section) => link(section, ''))
}

/** The titles of the sections and of their parts, as links. */
export const contentsList = (
  sections: readonly LinkedSection[],
): Html => html`<nav class="contents" aria-label="Contents">
<ol>
${sections.map(
  (part) =>
    html`<li>${linkTo(part)}${
      part.parts.length > 0
        ? html`
<ol>${part.parts.map((inner) => html`<li>${linkTo(inner)}</li>`)}</ol>`
        : ''
    }</li>\n`,
)}</ol>
</nav>
`

const linkTo = ({ section, id }: LinkedSection): Html => html`<a href="#${id}">${section.title}</a>`

const wordsOf = (title: string): string =>
  title
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
    ?.join('-') ?? 'section'
