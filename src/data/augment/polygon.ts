import type { Rectangle } from '../images/index.ts'
import type { Point } from './affine.ts'

/** Corners of a convex figure, in order, either way round. */
export type Polygon = readonly Point[]

/** The four corners of a rectangle. */
export const cornersOf = ({ left, top, width, height }: Rectangle): Polygon => [
  [left, top],
  [left + width, top],
  [left + width, top + height],
  [left, top + height],
]

/** The smallest upright rectangle around a polygon that has corners. */
export function boundsOf(polygon: Polygon): Rectangle {
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top }
}

/** Area, by the shoelace formula. */
export function areaOf(polygon: Polygon): number {
  let twice = 0
  for (const [i, [x, y]] of polygon.entries()) {
    const [nextX, nextY] = polygon[(i + 1) % polygon.length]!
    twice += x * nextY - nextX * y
  }
  return Math.abs(twice) / 2
}

/** Test for a place in a rectangle or on its edge. */
export const contains = ({ left, top, width, height }: Rectangle, [x, y]: Point): boolean =>
  x >= left && y >= top && x <= left + width && y <= top + height

/** The part of a convex polygon within a rectangle (Sutherland and Hodgman 1974); no corners where there is none. */
export const clip = (polygon: Polygon, rectangle: Rectangle): Polygon =>
  edgesOf(rectangle).reduce<Polygon>(cut, polygon)

/** The part of a convex polygon beside a rectangle, in up to four convex pieces. */
export function without(polygon: Polygon, rectangle: Rectangle): Polygon[] {
  const pieces: Polygon[] = []
  let rest = polygon
  for (const inside of edgesOf(rectangle)) {
    pieces.push(cut(rest, (point) => -inside(point)))
    rest = cut(rest, inside)
  }
  return pieces.filter(({ length }) => length > 0)
}

/** Distances of a place from the edges of a rectangle, positive inside. */
const edgesOf = ({ left, top, width, height }: Rectangle): Distance[] => [
  ([x]) => x - left,
  ([x]) => left + width - x,
  ([, y]) => y - top,
  ([, y]) => top + height - y,
]

type Distance = (point: Point) => number

/** The part of a polygon on the side of a straight line where `distance` is not negative. */
function cut(polygon: Polygon, distance: Distance): Polygon {
  return polygon.flatMap((point, i) => {
    const next = polygon[(i + 1) % polygon.length]!
    const [here, there] = [distance(point), distance(next)]
    const kept = here >= 0 ? [point] : []
    return here * there < 0 ? [...kept, between(point, next, here / (here - there))] : kept
  })
}

const between = ([x, y]: Point, [toX, toY]: Point, part: number): Point => [
  x + part * (toX - x),
  y + part * (toY - y),
]
