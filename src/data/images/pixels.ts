/**
 * A decoded picture: rows of RGBA bytes, [height, width, 4], colour premultiplied by alpha. Premultiplied
 * colours can be interpolated, and laid on any background by `colour + (1 − alpha) · background`.
 */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  /** Where the whole of the original lies in it; beyond its edges where something was cut off. Default: all of it. */
  readonly frame?: Rectangle
}

/** What a camera gives: rows of red, green and blue bytes, [height, width, 3]. */
export interface CameraPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** A part of a picture, in pixels from its upper left corner. */
export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Red, green and blue in [0, 1]. */
export type Color = readonly [red: number, green: number, blue: number]

/** What transparency is laid on unless said otherwise. */
export const white: Color = [1, 1, 1]
