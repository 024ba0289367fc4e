import { type Html, html } from './html.ts'
import { pictureAddress } from './picture.ts'

/** A point of a map, with the picture that stands for it; without one, a dot. */
export interface MappedPoint {
  readonly x: number
  readonly y: number
  readonly caption: string
  /** PNG, JPEG or WebP. */
  readonly picture?: Uint8Array
}

/** Width and height of a map, and the margin in which pictures at its edge have room. */
const size = { width: 1000, height: 640, margin: 34 }

/** Side of a picture on a map of this size. */
export const mapPictureSide = 44

/**
 * Places of points on a map: the points' own ranges stretched to its sides. Points of one place all lie in its middle.
 * @returns [x, y] of each, y down.
 */
export function mapPlaces(
  points: readonly { readonly x: number; readonly y: number }[],
): (readonly [x: number, y: number])[] {
  const across = scaled(
    points.map(({ x }) => x),
    size.width,
  )
  const down = scaled(
    points.map(({ y }) => -y),
    size.height,
  )
  return across.map((x, i) => [x, down[i]!])
}

function scaled(values: readonly number[], length: number): number[] {
  const [low, high] = values.reduce(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  const reach = length - 2 * size.margin
  return values.map((value) =>
    high > low ? size.margin + (reach * (value - low)) / (high - low) : length / 2,
  )
}

/**
 * Points at their places with small pictures on them, as one SVG; dots where there is no picture, in the colour of the text
 * around. A pointer that rests on one reads its caption.
 * @throws DataError `report/unknown-picture` for an image that is not PNG, JPEG or WebP.
 */
export function pictureMap(points: readonly MappedPoint[], title: string): Html {
  const places = mapPlaces(points)
  const half = mapPictureSide / 2
  const [dots, pictures]: Html[][] = [[], []]
  for (const [i, { caption, picture }] of points.entries()) {
    const [x, y] = places[i]!.map((value) => value.toFixed(1)) as [string, string]
    if (!picture) dots!.push(html`<circle cx="${x}" cy="${y}" r="3"><title>${caption}</title></circle>\n`)
    else
      pictures!.push(html`<g transform="translate(${x} ${y})"><title>${caption}</title>\
<rect x="${-half}" y="${-half}" width="${mapPictureSide}" height="${mapPictureSide}" rx="5" fill="var(--tile)"/>\
<image x="${2 - half}" y="${2 - half}" width="${mapPictureSide - 4}" height="${mapPictureSide - 4}" href="${pictureAddress(picture)}"/></g>
`)
  }
  return html`<div class="plots map"><figure><svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}">
<g fill="currentColor" fill-opacity="0.35">
${dots!}</g>
${pictures!}</svg></figure></div>`
}
