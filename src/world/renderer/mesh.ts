/**
 * Triangles of a shape in its own coordinates. `positions`, `normals` [vertices, 3] describe a unit shape, stretched by
 * a solid's `scale`. `ends` [vertices] marks the vertices that a capsule moves up (1) or down (−1) by its half length.
 * `indices` [triangles, 3] run counterclockwise seen from outside.
 */
export interface Mesh {
  readonly vertices: number
  readonly triangles: number
  readonly positions: Float32Array
  readonly normals: Float32Array
  readonly ends: Float32Array
  readonly indices: Uint32Array
}

/** Mesh of plain vertices; capsules have `ends`. */
export const mesh = (
  positions: Float32Array,
  normals: Float32Array,
  indices: Uint32Array,
  ends = new Float32Array(positions.length / 3),
): Mesh => ({
  vertices: positions.length / 3,
  triangles: indices.length / 3,
  positions,
  normals,
  ends,
  indices,
})

/** Mesh with three vertices of its own for each triangle, for flat faces. */
export function flatMesh(positions: Float32Array, indices: Uint32Array): Mesh {
  const corners = new Float32Array(3 * indices.length)
  for (let i = 0; i < indices.length; i++) {
    for (let axis = 0; axis < 3; axis++) corners[3 * i + axis] = positions[3 * indices[i]! + axis]!
  }
  const normals = new Float32Array(corners.length)
  for (let triangle = 0; triangle < corners.length; triangle += 9) {
    const normal = faceNormal(corners, triangle)
    for (let i = 0; i < 9; i++) normals[triangle + i] = normal[i % 3]!
  }
  return mesh(
    corners,
    normals,
    Uint32Array.from(indices, (_, i) => i),
  )
}

/** Cross product of two edges, of any length; shading normalizes it. */
function faceNormal(corners: Float32Array, at: number): [number, number, number] {
  const edge = (corner: number, axis: number) => corners[at + 3 * corner + axis]! - corners[at + axis]!
  const [ax, ay, az] = [edge(1, 0), edge(1, 1), edge(1, 2)]
  const [bx, by, bz] = [edge(2, 0), edge(2, 1), edge(2, 2)]
  return [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx]
}
