import { contentsList, type LinkedSection, linked } from './contents.ts'
import { Html, html } from './html.ts'
import { type IntervalBar, intervalBar } from './interval-bar.ts'
import { pageStyle } from './page-style.ts'

/** A metric at the head of a page: its name, its value with unit, its interval as a bar, and one more line. */
export interface Figure {
  readonly label: string
  readonly value: string
  readonly bar?: IntervalBar
  readonly more?: string
}

/** A part of a page under its own heading. */
export interface Section {
  readonly title: string
  /** A sentence or two beneath the heading, which explain the section. */
  readonly note?: string
  readonly body: Html
  /** Sections inside it, beneath its body, each with a heading one level lower. */
  readonly parts?: readonly Section[]
}

/** Content of a page, from top to bottom. */
export interface Page {
  readonly title: string
  readonly subtitle?: string
  readonly figures?: readonly Figure[]
  /** List the sections and their parts at the head of the page, with links to them. Default false. */
  readonly contents?: boolean
  readonly sections: readonly Section[]
}

/**
 * A page as one HTML file that needs nothing else: no script, font or image from elsewhere. It follows the reader's
 * light or dark mode and fits windows from 360 pixels on.
 */
export function page({ title, subtitle, figures = [], contents = false, sections }: Page): string {
  const parts = linked(sections)
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(pageStyle)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${subtitle && html`<p class="subtitle">${subtitle}</p>\n`}${figures.length > 0 ? figureList(figures) : ''}\
${contents ? contentsList(parts) : ''}</header>
<main>
${parts.map((part) => sectionOf(part, 2, contents))}</main>
</body>
</html>
`.toString()
}

/** Figures side by side. */
export const figureList = (figures: readonly Figure[]): Html => html`<dl class="figures">
${figures.map(
  ({ label, value, bar, more }) =>
    html`<div><dt>${label}</dt><dd class="value">${value}</dd>${bar && html`<dd>${intervalBar(bar)}</dd>`}\
${more && html`<dd class="more">${more}</dd>`}</div>\n`,
)}</dl>
`

function sectionOf({ section, id, parts }: LinkedSection, level: number, hasId: boolean): Html {
  const heading = new Html(`h${Math.min(level, 6)}`)
  const { title, note, body } = section
  return html`<section${hasId ? html` id="${id}"` : ''}>
<${heading}>${title}</${heading}>
${note && html`<p class="note">${note}</p>\n`}${level > 2 ? headingsBelow(level, body) : body}
${parts.map((part) => sectionOf(part, level + 1, hasId))}</section>
`
}

/** The same markup with its headings moved, so that the highest stands one level below `level`. */
function headingsBelow(level: number, body: Html): Html {
  const markup = body.toString()
  const levels = Array.from(markup.matchAll(/<h([1-6])[ >]/g), ([, digit]) => Number(digit))
  const shift = level + 1 - Math.min(...levels)
  const moved = (digit: string) => Math.min(Number(digit) + shift, 6)
  return new Html(markup.replace(/(<\/?h)([1-6])(?=[ >])/g, (_, tag, digit) => `${tag}${moved(digit)}`))
}
