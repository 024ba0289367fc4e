/**
 * A decoded image: rows of RGBA bytes, [height, width, 4], colour premultiplied by alpha. Premultiplied
 * colours can be interpolated, and laid on any background by `colour + (1 − alpha) · background`.
 */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
  /**
   * Rectangle of the whole original in these pixels; it reaches beyond their edges where something was cut off.
   * Default: all of them.
   */
  readonly frame?: Rectangle
}

/** Rows of RGBA bytes, [height, width, 4], not premultiplied. */
export interface Plain {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Image of a camera: rows of red, green and blue bytes, [height, width, 3]. */
export interface CameraPixels {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Rectangle of an image, in pixels from its upper left corner. */
export interface Rectangle {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** Red, green and blue in [0, 1]. */
export type Color = readonly [red: number, green: number, blue: number]

/** Default background of transparency. */
export const white: Color = [1, 1, 1]
