import type { Raster } from './raster.ts'
import type { Triangles } from './triangles.ts'
import type { View } from './view.ts'

/** Visible surface at the centre of each pixel, [height, width] each. Pixels without an object keep old values. */
export interface Surfaces {
  /** Index of the solid, −1 for none. */
  readonly solid: Int32Array
  /** Position in the world, metres. */
  readonly x: Float32Array
  readonly y: Float32Array
  readonly z: Float32Array
  /** Normal in the world, of length 1. */
  readonly normalX: Float32Array
  readonly normalY: Float32Array
  readonly normalZ: Float32Array
  /** Direction towards the eye, of length 1. */
  readonly viewX: Float32Array
  readonly viewY: Float32Array
  readonly viewZ: Float32Array
  /** Distance to the eye, metres. */
  readonly distance: Float32Array
  /** Linear colour before light. */
  readonly red: Float32Array
  readonly green: Float32Array
  readonly blue: Float32Array
}

/** Empty surfaces for a count of pixels. */
export function surfaces(pixels: number): Surfaces {
  const plane = () => new Float32Array(pixels)
  return {
    solid: new Int32Array(pixels),
    x: plane(),
    y: plane(),
    z: plane(),
    normalX: plane(),
    normalY: plane(),
    normalZ: plane(),
    viewX: plane(),
    viewY: plane(),
    viewZ: plane(),
    distance: plane(),
    red: plane(),
    green: plane(),
    blue: plane(),
  }
}

/**
 * Weights of the three normals, linear on the raster: perspective-correct up to a factor that normalizing removes; then
 * the normals.
 */
const weights = new Float64Array(9)
const normals = new Float64Array(9)

/** Find solid, place and normal of every pixel of a perspective view. */
export function findSurfaces(view: View, raster: Raster, triangles: Triangles, out: Surfaces): void {
  const { width, height } = raster
  const numbers = raster.triangle!
  let last = -1
  let flat = false
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let at = 0; at < width; at++, pixel++) {
      const triangle = numbers[pixel]!
      if (triangle < 0) {
        out.solid[pixel] = -1
        continue
      }
      if (triangle !== last) flat = isFlat(triangles, triangle)
      if (triangle !== last && !flat) weigh(triangles, triangle)
      last = triangle
      out.solid[pixel] = triangles.solids[triangle]!
      if (flat) copyNormal(out, pixel)
      else interpolateNormal(out, pixel, at + 0.5, row + 0.5)
    }
  }
  findPlaces(view, raster, out)
}

/** Test for a triangle with one common normal; writes its normals. */
function isFlat({ corners, normals: all }: Triangles, triangle: number): boolean {
  for (let corner = 0; corner < 3; corner++) {
    const from = 3 * corners[3 * triangle + corner]!
    for (let axis = 0; axis < 3; axis++) normals[3 * corner + axis] = all[from + axis]!
  }
  for (let i = 3; i < 9; i++) if (normals[i] !== normals[i % 3]) return false
  return true
}

function weigh({ x, y, nearness, corners }: Triangles, triangle: number): void {
  for (let corner = 0; corner < 3; corner++) {
    const here = corners[3 * triangle + corner]!
    const from = corners[3 * triangle + ((corner + 1) % 3)]!
    const to = corners[3 * triangle + ((corner + 2) % 3)]!
    const a = (y[to]! - y[from]!) * nearness[here]!
    const b = (x[from]! - x[to]!) * nearness[here]!
    weights[3 * corner] = a
    weights[3 * corner + 1] = b
    weights[3 * corner + 2] = -(a * x[from]! + b * y[from]!)
  }
}

function copyNormal(out: Surfaces, pixel: number): void {
  out.normalX[pixel] = normals[0]!
  out.normalY[pixel] = normals[1]!
  out.normalZ[pixel] = normals[2]!
}

function interpolateNormal(out: Surfaces, pixel: number, x: number, y: number): void {
  const a = weights[0]! * x + weights[1]! * y + weights[2]!
  const b = weights[3]! * x + weights[4]! * y + weights[5]!
  const c = weights[6]! * x + weights[7]! * y + weights[8]!
  const nx = a * normals[0]! + b * normals[3]! + c * normals[6]!
  const ny = a * normals[1]! + b * normals[4]! + c * normals[7]!
  const nz = a * normals[2]! + b * normals[5]! + c * normals[8]!
  const shorten = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz)
  out.normalX[pixel] = nx * shorten
  out.normalY[pixel] = ny * shorten
  out.normalZ[pixel] = nz * shorten
}

/** Write the places: each pixel's ray, of length 1 along the viewing direction, times its depth. */
function findPlaces(view: View, { width, height, nearness }: Raster, out: Surfaces): void {
  const { position, right, down, forward, focalX, focalY, centerX, centerY } = view
  const [px, py, pz] = position
  const [rx, ry, rz] = right
  for (let row = 0, pixel = 0; row < height; row++) {
    const v = (row + 0.5 - centerY) / focalY
    const x = forward[0] + v * down[0]
    const y = forward[1] + v * down[1]
    const z = forward[2] + v * down[2]
    for (let at = 0; at < width; at++, pixel++) {
      const u = (at + 0.5 - centerX) / focalX
      const dx = x + u * rx
      const dy = y + u * ry
      const dz = z + u * rz
      const depth = 1 / nearness[pixel]!
      const length = Math.sqrt(dx * dx + dy * dy + dz * dz)
      const shorten = -1 / length
      out.x[pixel] = px + depth * dx
      out.y[pixel] = py + depth * dy
      out.z[pixel] = pz + depth * dz
      out.viewX[pixel] = dx * shorten
      out.viewY[pixel] = dy * shorten
      out.viewZ[pixel] = dz * shorten
      out.distance[pixel] = depth * length
    }
  }
}

/**
 * Call `visit` for each stretch of pixels, from `from` to before `end`, that see one solid. Values common to a solid
 * are looked up once a stretch.
 */
export function visitStretches(
  { solid }: Surfaces,
  visit: (number: number, from: number, end: number) => void,
): void {
  for (let from = 0, end = 0; from < solid.length; from = end) {
    const number = solid[from]!
    do end++
    while (end < solid.length && solid[end] === number)
    if (number >= 0) visit(number, from, end)
  }
}

/** Approximate width of a pixel on a surface, metres; longer at grazing angles. */
export function pixelWidth(surfaces: Surfaces, pixel: number, focal: number): number {
  const facing = Math.abs(
    surfaces.viewX[pixel]! * surfaces.normalX[pixel]! +
      surfaces.viewY[pixel]! * surfaces.normalY[pixel]! +
      surfaces.viewZ[pixel]! * surfaces.normalZ[pixel]!,
  )
  return surfaces.distance[pixel]! / (focal * (facing > 0.05 ? facing : 0.05))
}
