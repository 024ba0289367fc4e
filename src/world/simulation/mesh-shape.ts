import type { MjModel } from '@mujoco/mujoco'
import type { Shape3 } from '../renderer/index.ts'

/** mjtGeom */
export const meshType = 7

/** Meshes by model and number: the renderer knows a mesh again by its positions. */
const shapes = new WeakMap<MjModel, Map<number, Shape3>>()

/** The triangles of a geom's mesh, about the middle and along the axes of its mass, as MuJoCo places the geom. */
export function meshShape(model: MjModel, geom: number): Shape3 {
  const mesh = model.geom_dataid[geom]!
  const known = shapes.get(model) ?? new Map<number, Shape3>()
  shapes.set(model, known)
  const shape = known.get(mesh) ?? readMesh(model, mesh)
  known.set(mesh, shape)
  return shape
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
