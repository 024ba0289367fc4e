import { attentionOver } from './attention.ts'
import { type Html, html } from './html.ts'
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
  /** Weights over the patches of the image, row by row: the image is shown again, light where they are large. */
  readonly attention?: readonly number[]
}

/** Images under a heading. */
export interface PictureStrip {
  readonly title: string
  readonly pictures: readonly MarkedPicture[]
}

/** Strips of images with their marks, each under its heading. */
export const pictureStrips = (strips: readonly PictureStrip[]): Html =>
  html`${strips.map(({ title, pictures }) => html`<h4>${title}</h4>\n${markedPictures(pictures)}\n`)}`

/** Images with their marks, side by side. */
export function markedPictures(pictures: readonly MarkedPicture[]): Html {
  const kind = pictures.some(({ attention }) => attention) ? 'shots pairs' : 'shots'
  return html`<ul class="${kind}">
${pictures.map((picture) => html`<li class="shot">${shotOf(picture)}</li>\n`)}</ul>`
}

const shotOf = ({
  picture,
  marks,
  title,
  lines,
  views = [],
  attention,
}: MarkedPicture): Html => html`<div class="frames">${framed(picture, marksOver(marks))}\
${attention && framed(picture, attentionOver(attention))}</div>\
<b>${title}</b>${lines.map((line) => html`<span>${line}</span>`)}\
${marks.map(({ name }, i) => html`<span class="mark mark${i % markColors}">${name}</span>`)}\
${views.length > 0 ? html`<div class="views">${views.map(viewOf)}</div>` : ''}`

const framed = (picture: Uint8Array, over: Html | undefined): Html => html`<div class="framed">\
<img class="pixels" src="${pictureAddress(picture)}" alt="" loading="lazy">${over}</div>`

const viewOf = (view: Uint8Array): Html => html`<img src="${pictureAddress(view)}" alt="" loading="lazy">`

/** Number of mark colours in the style sheet. */
const markColors = 4

/** Marks as an SVG, each line with a dark halo that keeps it visible on every image. */
export const marksOver = (marks: readonly Mark[]): Html | undefined =>
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
