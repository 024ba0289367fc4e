import type { Mesh } from './mesh.ts'
import type { Solid } from './solid.ts'
import type { Triangles } from './triangles.ts'
import { column, dot, scale, subtract } from './vector.ts'
import type { View } from './view.ts'

/** Coordinates of one mesh's vertices in a view: u, v, d of `View`. */
let places = new Float64Array(3 * 4096)

/**
 * Project the triangles of a solid onto the raster of a view, cut at its near plane. Back faces are left out. Solids
 * are numbered by `index`.
 */
export function project(
  view: View,
  solid: Solid,
  index: number,
  mesh: Mesh,
  triangles: Triangles,
  normals: 'with normals' | 'without normals' = 'with normals',
): void {
  const first = triangles.vertices
  triangles.reserve(mesh.vertices + 2 * mesh.triangles, 2 * mesh.triangles)
  const nearest = place(view, solid, mesh)
  if (normals === 'with normals') placeNormals(solid, mesh, triangles.normals, first)
  for (let i = 0; i < mesh.vertices; i++) land(view, triangles, first + i, 3 * i)
  triangles.vertices += mesh.vertices
  const { indices } = mesh
  if (!view.perspective || nearest > view.near) {
    for (let i = 0; i < indices.length; i += 3) {
      triangles.add(first + indices[i]!, first + indices[i + 1]!, first + indices[i + 2]!, index)
    }
  } else {
    for (let i = 0; i < indices.length; i += 3) clip(view, triangles, indices, i, first, index)
  }
}

/**
 * Write the vertices' coordinates.
 * @returns Smallest distance d among them.
 */
function place(view: View, { object, scale: stretched, stretch }: Solid, mesh: Mesh): number {
  if (places.length < 3 * mesh.vertices) places = new Float64Array(6 * mesh.vertices)
  const offset = subtract(object.position, view.position)
  const axes = ([0, 1, 2] as const).map((axis) => column(object.rotation, axis))
  const [x, y, z] = axes.map((axis, i) => scale(axis, stretched[i]!)) as [Axis, Axis, Axis]
  const end = scale(axes[2]!, stretch)
  for (const [row, direction] of [view.right, view.down, view.forward].entries()) {
    const [a, b, c] = [dot(direction, x), dot(direction, y), dot(direction, z)]
    placeAlong(mesh, row, a, b, c, dot(direction, end), dot(direction, offset))
  }
  let nearest = Infinity
  for (let i = 0; i < mesh.vertices; i++) {
    const d = places[3 * i + 2]!
    if (d < nearest) nearest = d
  }
  return nearest
}

type Axis = readonly [number, number, number]

function placeAlong(mesh: Mesh, row: number, a: number, b: number, c: number, end: number, offset: number) {
  const { vertices, positions, ends } = mesh
  for (let i = 0, at = 0; i < vertices; i++, at += 3) {
    places[at + row] =
      a * positions[at]! + b * positions[at + 1]! + c * positions[at + 2]! + end * ends[i]! + offset
  }
}

/** Normals of a stretched shape: the unit shape's, times the cofactors of the stretch, rotated. */
function placeNormals({ object, scale: s }: Solid, mesh: Mesh, out: Float32Array, first: number): void {
  const r = object.rotation
  const [x, y, z] = [s[1] * s[2], s[0] * s[2], s[0] * s[1]]
  const [xx, xy, xz] = [r[0]! * x, r[1]! * y, r[2]! * z]
  const [yx, yy, yz] = [r[3]! * x, r[4]! * y, r[5]! * z]
  const [zx, zy, zz] = [r[6]! * x, r[7]! * y, r[8]! * z]
  const { normals } = mesh
  for (let from = 0, to = 3 * first; from < normals.length; from += 3, to += 3) {
    const [a, b, c] = [normals[from]!, normals[from + 1]!, normals[from + 2]!]
    const nx = xx * a + xy * b + xz * c
    const ny = yx * a + yy * b + yz * c
    const nz = zx * a + zy * b + zz * c
    const shorten = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz)
    out[to] = nx * shorten
    out[to + 1] = ny * shorten
    out[to + 2] = nz * shorten
  }
}

/** Write the place at `at` of `places` onto the raster as `vertex`. */
function land(view: View, triangles: Triangles, vertex: number, at: number): void {
  const d = places[at + 2]!
  const nearness = view.perspective ? 1 / d : -d
  const factor = view.perspective ? nearness : 1
  triangles.x[vertex] = snap(view.centerX + view.focalX * places[at]! * factor)
  triangles.y[vertex] = snap(view.centerY + view.focalY * places[at + 1]! * factor)
  triangles.nearness[vertex] = nearness
}

/** Snap to whole 256ths of a pixel. */
const snap = (pixels: number): number => Math.floor(pixels * 256 + 0.5) / 256

/** Corners of the rest of one triangle. */
const kept = new Int32Array(4)

/** Clip a triangle (Sutherland & Hodgman 1974): keep the part before the near plane, cut edges that cross it. */
function clip(
  view: View,
  triangles: Triangles,
  indices: Uint32Array,
  at: number,
  first: number,
  index: number,
): void {
  let count = 0
  for (let corner = 0; corner < 3; corner++) {
    const here = indices[at + corner]!
    const next = indices[at + ((corner + 1) % 3)]!
    const hereIsSeen = places[3 * here + 2]! > view.near
    if (hereIsSeen) kept[count++] = first + here
    if (hereIsSeen !== places[3 * next + 2]! > view.near) {
      // The cut of an edge is the same number from both of its triangles.
      const seen = hereIsSeen ? here : next
      kept[count++] = cut(view, triangles, seen, here + next - seen, first)
    }
  }
  for (let corner = 2; corner < count; corner++) {
    triangles.add(kept[0]!, kept[corner - 1]!, kept[corner]!, index)
  }
}

/** New vertex at the near plane, on the edge from a visible to a hidden one. */
function cut(view: View, triangles: Triangles, seen: number, hidden: number, first: number): number {
  const distance = places[3 * seen + 2]!
  const part = (distance - view.near) / (distance - places[3 * hidden + 2]!)
  const vertex = triangles.vertices++
  const u = places[3 * seen]! + part * (places[3 * hidden]! - places[3 * seen]!)
  const v = places[3 * seen + 1]! + part * (places[3 * hidden + 1]! - places[3 * seen + 1]!)
  triangles.x[vertex] = snap(view.centerX + (view.focalX * u) / view.near)
  triangles.y[vertex] = snap(view.centerY + (view.focalY * v) / view.near)
  triangles.nearness[vertex] = 1 / view.near
  const { normals } = triangles
  for (let axis = 0; axis < 3; axis++) {
    const from = normals[3 * (first + seen) + axis]!
    normals[3 * vertex + axis] = from + part * (normals[3 * (first + hidden) + axis]! - from)
  }
  return vertex
}
