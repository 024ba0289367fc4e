import type { Rectangle } from '../images/index.ts'

/**
 * A map of the plane from places in an output image to places in its source:
 * `x' = a·x + b·y + c`, `y' = d·x + e·y + f`. Pixel i covers [i, i + 1), so its centre is at i + 0.5; x goes
 * right, y goes down.
 */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/** A place: x goes right, y goes down. */
export type Point = readonly [x: number, y: number]

/** Map of every place to itself. */
export const identity: Affine = [1, 0, 0, 0, 1, 0]

/** Composition of two maps, first `inner`, then `outer`: `outer(inner(x, y))`. */
export function compose(outer: Affine, inner: Affine): Affine {
  const [a, b, c, d, e, f] = outer
  const [g, h, i, j, k, l] = inner
  return [a * g + b * j, a * h + b * k, a * i + b * l + c, d * g + e * j, d * h + e * k, d * i + e * l + f]
}

/** Target of a place under a map. */
export const mapped = ([a, b, c, d, e, f]: Affine, [x, y]: Point): Point => [
  a * x + b * y + c,
  d * x + e * y + f,
]

/** Inverse of a map; undefined where a map lets the plane collapse. */
export function inverse([a, b, c, d, e, f]: Affine): Affine | undefined {
  const area = a * e - b * d
  if (area === 0) return undefined
  const [g, h, i, j] = [e / area, -b / area, -d / area, a / area]
  return [g, h, -(g * c + h * f), i, j, -(i * c + j * f)]
}

/** The map of an output of `width` × `height` onto a rectangle of the source. */
export const ontoRectangle = (width: number, height: number, rectangle: Rectangle): Affine => [
  rectangle.width / width,
  0,
  rectangle.left,
  0,
  rectangle.height / height,
  rectangle.top,
]

/** The linear map `[[a, b], [d, e]]` about the centre of an image, then a shift by (x, y). */
export function aboutCenter(
  width: number,
  height: number,
  [a, b, d, e]: readonly [a: number, b: number, d: number, e: number],
  shift: Point = [0, 0],
): Affine {
  const [x, y] = [width / 2, height / 2]
  return [a, b, x - a * x - b * y + shift[0], d, e, y - d * x - e * y + shift[1]]
}
