import type { Color, Pixels, Rectangle } from '../images/index.ts'
import { type Affine, compose, identity } from './affine.ts'

/**
 * An image on its way through transforms. Moves of pixels are collected in `map`, and carried out once, when a
 * transform asks for colours (`settle`): crop, flip and rotation in a row blur the image once.
 */
export interface Picture extends Stage {
  readonly source: Pixels
  /** Colour behind transparency and beyond the edges of the source. */
  readonly background: Color
  /** Image with its map carried out and laid on its background, once it was asked for. */
  readonly colors?: Float32Array
  /** Earlier stages, before moves that came after changes of colour: oldest first. */
  readonly past: readonly Stage[]
}

/** An image without its colours: only the places. */
export interface Stage {
  readonly width: number
  readonly height: number
  /** Map from places in this image to places in its source, which is the stage before. */
  readonly map: Affine
  /** Rectangles that were painted over. */
  readonly hidden: readonly Rectangle[]
}

/** An image that can be painted: red, green and blue in [0, 1], [3, height, width]. */
export interface SettledPicture extends Picture {
  readonly colors: Float32Array
}

/** An image of the decoder's output. */
export const pictureOf = (source: Pixels, background: Color): Picture => ({
  width: source.width,
  height: source.height,
  source,
  map: identity,
  background,
  hidden: [],
  past: [],
})

/**
 * An image of `width` × `height` whose place (x, y) shows the place `map(x, y)` of `picture`. An image that was
 * settled is rounded to bytes, as torchvision does, so moves should come before changes of colour.
 */
export function warp(picture: Picture, map: Affine, width: number, height: number): Picture {
  const { colors, ...unsettled } = picture
  if (colors === undefined) return { ...unsettled, width, height, map: compose(picture.map, map) }
  const painted = pictureOf(bytesOf(colors, picture), picture.background)
  return { ...painted, width, height, map, past: [...picture.past, picture] }
}

/** Image that remembers a painted rectangle. */
export const hide = (picture: SettledPicture, part: Rectangle): SettledPicture => ({
  ...picture,
  hidden: [...picture.hidden, part],
})

/** Image with its map carried out, opaque. The caller may write to its colours. */
export function settle(picture: Picture): SettledPicture {
  const { colors, width, height, map } = picture
  if (colors !== undefined) return { ...picture, colors }
  const [a, b, , d, e] = map
  const scale = Math.round(Math.sqrt(Math.abs(a * e - b * d)))
  if (scale < 2) return { ...picture, colors: resample(picture) }
  // Against aliasing: draw larger, take means.
  const larger = warp(picture, [1 / scale, 0, 0, 0, 1 / scale, 0], width * scale, height * scale)
  return { ...picture, colors: shrink(resample(larger), picture, scale) }
}

/**
 * Bilinear sampling through the map, laid on the background. Within half a pixel of the edge the edge's pixels
 * continue; beyond the frame there is background only.
 */
function resample({ width, height, source, map, background }: Picture): Float32Array {
  const [a, b, c, d, e, f] = map
  const area = width * height
  const out = new Float32Array(3 * area)
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c
      const y = d * (column + 0.5) + e * (row + 0.5) + f
      if (x >= 0 && y >= 0 && x <= source.width && y <= source.height) {
        sample(source, x, y, background, out, pixel)
      } else {
        for (let channel = 0; channel < 3; channel++) out[channel * area + pixel] = background[channel]!
      }
    }
  }
  return out
}

/** Factor from bytes to products with weights of 1/65536. */
const whole = 65536 * 255

/** Write the source at the place (x, y) on the background to a pixel of `out`. Integers are faster than fractions. */
function sample(
  source: Pixels,
  x: number,
  y: number,
  background: Color,
  out: Float32Array,
  pixel: number,
): void {
  const { width, height, data } = source
  const u = fixedPoint(x, width)
  const v = fixedPoint(y, height)
  const right = u & 255
  const down = v & 255
  const nw = 4 * ((v >> 8) * width + (u >> 8))
  const ne = right === 0 ? nw : nw + 4
  const sw = down === 0 ? nw : nw + 4 * width
  const se = sw + ne - nw
  const seWeight = right * down
  const neWeight = (right << 8) - seWeight
  const swWeight = (down << 8) - seWeight
  const nwWeight = 65536 - neWeight - swWeight - seWeight
  const alpha =
    nwWeight * data[nw + 3]! + neWeight * data[ne + 3]! + swWeight * data[sw + 3]! + seWeight * data[se + 3]!
  const area = out.length / 3
  for (let channel = 0, to = pixel; channel < 3; channel++, to += area) {
    const color =
      nwWeight * data[nw + channel]! +
      neWeight * data[ne + channel]! +
      swWeight * data[sw + channel]! +
      seWeight * data[se + channel]!
    out[to] = (color + (whole - alpha) * background[channel]!) * (1 / whole)
  }
}

/** Distance from the centre of the first pixel in 1/256 pixels, at most that of the last one. */
function fixedPoint(place: number, length: number): number {
  const distance = ((256 * place + 0.5) | 0) - 128
  if (distance < 0) return 0
  return distance > (length - 1) << 8 ? (length - 1) << 8 : distance
}

/** Means of `factor` × `factor` pixels. */
function shrink(larger: Float32Array, { width, height }: Picture, factor: number): Float32Array {
  const out = new Float32Array(3 * width * height)
  for (let i = 0; i < larger.length; i++) {
    const column = Math.floor((i % (width * factor)) / factor)
    const line = Math.floor(i / (width * factor * factor)) // rows of all three colours
    out[line * width + column]! += larger[i]! / (factor * factor)
  }
  return out
}

/** Colours as bytes, opaque. */
function bytesOf(colors: Float32Array, { width, height }: Picture): Pixels {
  const area = width * height
  const data = new Uint8Array(4 * area).fill(255)
  for (let pixel = 0; pixel < area; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      data[4 * pixel + channel] = colors[channel * area + pixel]! * 255 + 0.5
    }
  }
  return { width, height, data }
}
