import { type Html, html } from './html.ts'
import { page, type Section } from './page.ts'
import { pictureAddress } from './picture.ts'

/** A mark drawn over an image, in fractions of its sides from the upper left corner. */
export interface Mark {
  readonly name: string
  /** Sides of a box [left, top, right, bottom], or a point [x, y]. */
  readonly place: readonly number[]
  /** Lines instead, each from one point to another. */
  readonly lines?: readonly (readonly [readonly number[], readonly number[]])[] | undefined
}

/** An image (PNG, JPEG or WebP) with its title and marks. */
export interface MarkedPicture {
  readonly picture: Uint8Array
  readonly marks: readonly Mark[]
  /** Heading of the image; `lines` stand beneath it. */
  readonly title: string
  readonly lines: readonly string[]
  /** Small images beneath it. */
  readonly views?: readonly Uint8Array[]
}

/** A sample of a data set: before, during and after its transforms. */
export interface PreviewedSample {
  readonly id: string
  /** A remark about the sample. */
  readonly note: string
  /** File of the sample, with its line if it has one. */
  readonly place: string
  /** Images of each step, under its heading. */
  readonly strips: readonly { readonly title: string; readonly pictures: readonly MarkedPicture[] }[]
}

/** Content of {@link previewPage}. */
export interface PreviewContents {
  readonly title: string
  readonly subtitle: string
  /** An explanation of the samples. */
  readonly note: string
  readonly samples: readonly PreviewedSample[]
  readonly mixed: readonly MarkedPicture[]
  /** Messages of samples that were left out. */
  readonly problems: readonly string[]
}

/**
 * One contact sheet of a data set: samples before and after their transforms, boxes, points and grasps drawn over them.
 * @throws DataError `report/unknown-picture` for an image that is not PNG, JPEG or WebP.
 */
export function previewPage({ title, subtitle, note, samples, mixed, problems }: PreviewContents): string {
  const sections: Section[] = [
    { title: 'Samples', note, body: html`${samples.map(sampleOf)}` },
    {
      title: 'Mixed',
      note: 'Pairs of these samples, mixed as training mixes those of a batch; the shares are drawn.',
      body: shots(mixed),
    },
    { title: 'Left out', body: html`<ul>${problems.map((problem) => html`<li>${problem}</li>\n`)}</ul>` },
  ]
  const filled = [samples, mixed, problems].map(({ length }) => length > 0)
  return page({ title, subtitle, sections: sections.filter((_, i) => filled[i]) })
}

const sampleOf = ({ id, note, place, strips }: PreviewedSample): Html => html`<article class="sample">
<h3>${note}</h3>
<p class="note"><code>${id}</code> · ${place}</p>
${strips.map(({ title, pictures }) => html`<h4>${title}</h4>\n${shots(pictures)}\n`)}</article>
`

const shots = (pictures: readonly MarkedPicture[]): Html => html`<ul class="shots">
${pictures.map((picture) => html`<li class="shot">${shotOf(picture)}</li>\n`)}</ul>`

const shotOf = ({
  picture,
  marks,
  title,
  lines,
  views = [],
}: MarkedPicture): Html => html`<div class="framed">\
<img class="pixels" src="${pictureAddress(picture)}" alt="" loading="lazy">${overlay(marks)}</div>\
<b>${title}</b>${lines.map((line) => html`<span>${line}</span>`)}\
${marks.map(({ name }, i) => html`<span class="mark mark${i % markColors}">${name}</span>`)}\
${views.length > 0 ? html`<div class="views">${views.map(viewOf)}</div>` : ''}`

const viewOf = (view: Uint8Array): Html => html`<img src="${pictureAddress(view)}" alt="" loading="lazy">`

/** Number of mark colours in the style sheet. */
const markColors = 4

/** Marks as an SVG, each line with a dark halo that keeps it visible on every image. */
const overlay = (marks: readonly Mark[]): Html | undefined =>
  marks.length === 0
    ? undefined
    : html`<svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">${marks.map(markOf)}</svg>`

function markOf({ place, lines }: Mark, i: number): Html {
  const kind = !lines && place.length === 2 ? 'point' : 'box'
  const path = lines ? lines.map(([from, to]) => `M${pointOf(from)}L${pointOf(to)}`).join('') : pathOf(place)
  return html`<g class="mark${i % markColors}"><path class="halo ${kind}" d="${path}"/>\
<path class="line ${kind}" d="${path}"/></g>`
}

const pointOf = (point: readonly number[]): string => point.map((part) => part.toFixed(4)).join(' ')

function pathOf(place: readonly number[]): string {
  const [left = 0, top = 0, right = left, bottom = top] = place.map((value) => Number(value.toFixed(4)))
  return place.length === 2 ? `M${left} ${top}h.001` : `M${left} ${top}H${right}V${bottom}H${left}Z`
}
