import type { MjModel } from '@mujoco/mujoco'
import type { Shape3 } from '../renderer/index.ts'

const lastVisibleGroup = 2

/** Test for a geom that is drawn: not transparent, and of the groups 0 to 2, as in MuJoCo's own images. */
export const isVisible = (model: MjModel, geom: number): boolean =>
  model.geom_rgba[4 * geom + 3] !== 0 && model.geom_group[geom]! <= lastVisibleGroup

/**
 * Shape of a geom, about its frame; undefined for distance fields, which have no surface to draw here.
 * @param shapes Cache of mesh triangles: the renderer recognizes a mesh by its positions.
 */
export function geomShape(model: MjModel, geom: number, shapes: Map<string, Shape3>): Shape3 | undefined {
  const [x, y, z]: Float64Array = model.geom_size.subarray(3 * geom, 3 * geom + 3)
  switch (model.geom_type[geom]) {
    case 0:
      return { kind: 'plane', halfSizes: [x!, y!] }
    case 1:
      return kept(shapes, `height field ${model.geom_dataid[geom]}`, () =>
        readHeightField(model, model.geom_dataid[geom]!),
      )
    case 2:
      return { kind: 'sphere', radius: x! }
    case 3:
      return { kind: 'capsule', radius: x!, halfLength: y! }
    case 4:
      return { kind: 'ellipsoid', radii: [x!, y!, z!] }
    case 5:
      return { kind: 'cylinder', radius: x!, halfLength: y! }
    case 6:
      return { kind: 'box', halfSizes: [x!, y!, z!] }
    case 7:
      return kept(shapes, `mesh ${model.geom_dataid[geom]}`, () => readMesh(model, model.geom_dataid[geom]!))
    default:
      return undefined
  }
}

function kept(shapes: Map<string, Shape3>, name: string, read: () => Shape3): Shape3 {
  const shape = shapes.get(name) ?? read()
  shapes.set(name, shape)
  return shape
}

/** Triangles about the middle and along the axes of the mesh's mass, as MuJoCo places the geom. */
function readMesh(model: MjModel, mesh: number): Shape3 {
  const part = (numbers: ArrayLike<number>, first: number, count: number) =>
    Array.from({ length: 3 * count }, (_, i) => numbers[3 * first + i]!)
  return {
    kind: 'mesh',
    positions: Float32Array.from(part(model.mesh_vert, model.mesh_vertadr[mesh]!, model.mesh_vertnum[mesh]!)),
    indices: Uint32Array.from(part(model.mesh_face, model.mesh_faceadr[mesh]!, model.mesh_facenum[mesh]!)),
  }
}

/**
 * Upper side of a height field, two triangles between four of its heights. Rows go along y, columns along x, from −half
 * size to half size; heights are fractions of the greatest.
 */
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
