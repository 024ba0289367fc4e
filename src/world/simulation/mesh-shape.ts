import type { MjModel } from '@mujoco/mujoco'
import type { Shape3 } from '../renderer/index.ts'

/** mjtGeom */
export const meshType = 7
export const heightFieldType = 1

/** Triangles by model and what they are of: the renderer knows a mesh again by its positions. */
const shapes = new WeakMap<MjModel, Map<string, Shape3>>()

function kept(model: MjModel, name: string, read: () => Shape3): Shape3 {
  const known = shapes.get(model) ?? new Map<string, Shape3>()
  shapes.set(model, known)
  const shape = known.get(name) ?? read()
  known.set(name, shape)
  return shape
}

/** The triangles of a geom's mesh, about the middle and along the axes of its mass, as MuJoCo places the geom. */
export function meshShape(model: MjModel, geom: number): Shape3 {
  const mesh = model.geom_dataid[geom]!
  return kept(model, `mesh ${mesh}`, () => readMesh(model, mesh))
}

function readMesh(model: MjModel, mesh: number): Shape3 {
  const part = (numbers: ArrayLike<number>, first: number, count: number) =>
    Array.from({ length: 3 * count }, (_, i) => numbers[3 * first + i]!)
  return {
    kind: 'mesh',
    positions: Float32Array.from(part(model.mesh_vert, model.mesh_vertadr[mesh]!, model.mesh_vertnum[mesh]!)),
    indices: Uint32Array.from(part(model.mesh_face, model.mesh_faceadr[mesh]!, model.mesh_facenum[mesh]!)),
  }
}

/** The upper side of a geom's height field, two triangles between four of its heights. */
export function heightFieldShape(model: MjModel, geom: number): Shape3 {
  const field = model.geom_dataid[geom]!
  return kept(model, `height field ${field}`, () => readHeightField(model, field))
}

/** Rows go along y, columns along x, from −half size to half size; heights are shares of the greatest. */
function readHeightField(model: MjModel, field: number): Shape3 {
  const rows: number = model.hfield_nrow[field]!
  const columns: number = model.hfield_ncol[field]!
  const [halfX, halfY, highest]: Float64Array = model.hfield_size.subarray(4 * field, 4 * field + 3)
  const first: number = model.hfield_adr[field]!
  const positions = new Float32Array(3 * rows * columns)
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at += 3) {
      positions[at] = halfX! * ((2 * column) / (columns - 1) - 1)
      positions[at + 1] = halfY! * ((2 * row) / (rows - 1) - 1)
      positions[at + 2] = highest! * model.hfield_data[first + at / 3]!
    }
  }
  const squares = Array.from({ length: (rows - 1) * (columns - 1) }, (_, square) => {
    const corner = square + Math.floor(square / (columns - 1))
    const above = corner + columns
    return [corner, corner + 1, above + 1, corner, above + 1, above]
  })
  return { kind: 'mesh', positions, indices: Uint32Array.from(squares.flat()) }
}
