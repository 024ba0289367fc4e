import { Html, html } from './html.ts'
import { pageStyle } from './page-style.ts'

/** A metric at the head of a page: its name, its value with unit, and one more line. */
export interface Figure {
  readonly label: string
  readonly value: string
  readonly more?: string
}

/** A part of a page under its own heading. */
export interface Section {
  readonly title: string
  /** A sentence or two beneath the heading, which explain the section. */
  readonly note?: string
  readonly body: Html
}

/** Content of a page, from top to bottom. */
export interface Page {
  readonly title: string
  readonly subtitle?: string
  readonly figures?: readonly Figure[]
  readonly sections: readonly Section[]
}

/**
 * A page as one HTML file that needs nothing else: no script, font or image from elsewhere. It follows the reader's
 * light or dark mode and fits windows from 360 pixels on.
 */
export function page({ title, subtitle, figures = [], sections }: Page): string {
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
${subtitle && html`<p class="subtitle">${subtitle}</p>\n`}${figures.length > 0 ? figureList(figures) : ''}</header>
<main>
${sections.map(sectionOf)}</main>
</body>
</html>
`.toString()
}

const figureList = (figures: readonly Figure[]): Html => html`<dl class="figures">
${figures.map(
  ({ label, value, more }) =>
    html`<div><dt>${label}</dt><dd class="value">${value}</dd>${more && html`<dd class="more">${more}</dd>`}</div>\n`,
)}</dl>
`

const sectionOf = ({ title, note, body }: Section): Html => html`<section>
<h2>${title}</h2>
${note && html`<p class="note">${note}</p>\n`}${body}
</section>
`
