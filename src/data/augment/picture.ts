import type { Color, Pixels } from '../images/index.ts'
import { type Affine, compose, identity } from './affine.ts'

/**
 * A picture on its way through transforms. What moves pixels is collected in `map`, and carried out once,
 * when a transform asks for colours (`settle`): crop, flip and rotation in a row blur the picture once.
 */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly source: Planes
  /** From places in this picture to places in `source`. */
  readonly map: Affine
  /** What shows through transparency and beyond the edges of the source. */
  readonly background: Color
  /** Whether `source` is this picture: map carried out, laid on its background. */
  readonly settled: boolean
}

/** Red, green, blue and alpha in [0, 1], [4, height, width], premultiplied. */
export interface Planes {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

/** A picture of what the decoder gave. */
export function pictureOf({ width, height, data }: Pixels, background: Color): Picture {
  const area = width * height
  const planes = new Float32Array(4 * area)
  const share = 1 / 255
  for (let pixel = 0, byte = 0; pixel < area; pixel++, byte += 4) {
    planes[pixel] = data[byte]! * share
    planes[pixel + area] = data[byte + 1]! * share
    planes[pixel + 2 * area] = data[byte + 2]! * share
    planes[pixel + 3 * area] = data[byte + 3]! * share
  }
  return { width, height, source: { width, height, data: planes }, map: identity, background, settled: false }
}

/** A picture of `width` × `height` whose place (x, y) shows the place `map(x, y)` of `picture`. */
export const warp = (picture: Picture, map: Affine, width: number, height: number): Picture => ({
  ...picture,
  width,
  height,
  map: compose(picture.map, map),
  settled: false,
})

/** The picture with its map carried out, opaque. Its planes are its own: the caller may write to them. */
export function settle(picture: Picture): Picture {
  if (picture.settled) return picture
  const { width, height } = picture
  const source = { width, height, data: resample(picture) }
  return { ...picture, source, map: identity, settled: true }
}

/** The red, green and blue planes of a settled picture, [3, height, width]. */
export const colors = ({ source }: Picture): Float32Array =>
  source.data.subarray(0, 3 * source.width * source.height)

/**
 * Bilinear sampling through the map, laid on the background. Where the map shrinks, each output pixel is the
 * mean of n × n taps, n the rounded scale, against aliasing. Within half a pixel of the edge the edge's
 * pixels continue; beyond the frame there is background only.
 */
function resample({ width, height, source, map, background }: Picture): Float32Array {
  const [a, b, c, d, e, f] = map
  const taps = Math.max(1, Math.round(Math.sqrt(Math.abs(a * e - b * d))))
  const tapAt = Array.from({ length: taps }, (_, tap) => (tap + 0.5) / taps)
  const out = new Float32Array(4 * width * height)
  const share = 1 / (taps * taps)
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      for (const down of tapAt) {
        for (const right of tapAt) {
          const x = column + right
          const y = row + down
          addTap(source, a * x + b * y + c, d * x + e * y + f, share, out, pixel)
        }
      }
    }
  }
  return layOn(background, out)
}

/** Add `share` of the source at the place (x, y) to a pixel of `out`. */
function addTap(source: Planes, x: number, y: number, share: number, out: Float32Array, pixel: number): void {
  const { width, height, data } = source
  if (x < 0 || y < 0 || x > width || y > height) return
  const u = Math.min(width - 1, Math.max(0, x - 0.5))
  const v = Math.min(height - 1, Math.max(0, y - 0.5))
  const left = Math.floor(u)
  const top = Math.floor(v)
  const right = left < width - 1 ? 1 : 0
  const down = top < height - 1 ? width : 0
  const southEast = (u - left) * (v - top) * share
  const northEast = (u - left) * share - southEast
  const southWest = (v - top) * share - southEast
  const northWest = share - northEast - southWest - southEast
  let nw = top * width + left
  let to = pixel
  for (let plane = 0; plane < 4; plane++) {
    const ne = nw + right
    const sw = nw + down
    out[to]! +=
      northWest * data[nw]! + northEast * data[ne]! + southWest * data[sw]! + southEast * data[sw + right]!
    nw += width * height
    to += out.length >> 2
  }
}

/** Premultiplied planes made opaque, in place: `colour + (1 − alpha) · background`. */
function layOn(background: Color, planes: Float32Array): Float32Array {
  const area = planes.length / 4
  for (let pixel = 0; pixel < area; pixel++) {
    const clear = 1 - planes[3 * area + pixel]!
    if (clear === 0) continue
    for (let c = 0; c < 3; c++) planes[c * area + pixel]! += clear * background[c]!
  }
  return planes.fill(1, 3 * area)
}
