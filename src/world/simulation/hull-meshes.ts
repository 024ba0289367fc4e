import { createHash } from 'node:crypto'
import type { MjModel, MjSpec, MjsElement, MjsGeom } from '@mujoco/mujoco'
import type { Shape3 } from '../renderer/index.ts'
import { type DrawnGeom, deleteUnusedMeshes, drawnGeom, elements, keepMass } from './drawn-geoms.ts'
import { pointOutOf } from './frame.ts'
import { hullCorners } from './hull-corners.ts'
import type { StoredFile } from './mounted-files.ts'
import type { Mujoco } from './mujoco.ts'
import { quaternionMatrix } from './rotation.ts'

/** Result of {@link replaceByHulls}. */
export interface ReplacedMeshes {
  /** The geoms as they are to be drawn; those of the spec are transparent. */
  readonly drawn: readonly DrawnGeom[]
  /** Files of the hulls: MuJoCo keeps its work on a file from one scene to the next, not that on corners in the spec. */
  readonly files: readonly StoredFile[]
}

/**
 * Replace meshes that collide by the corners of their convex hulls: MuJoCo collides nothing else of a mesh, but prepares
 * all of its triangles for every scene. Bodies keep their masses. Nothing is replaced if masses must come from geoms.
 */
export function replaceByHulls(mujoco: Mujoco, spec: MjSpec): ReplacedMeshes {
  if (spec.compiler.inertiafromgeom.value === mujoco.mjtInertiaFromGeom.mjINERTIAFROMGEOM_TRUE.value)
    return { drawn: [], files: [] }
  const whole = mujoco.mj_compile(spec)
  const shapes = new Map<string, Shape3>()
  const drawn: DrawnGeom[] = []
  const hulls = new Map<number, StoredFile>()
  try {
    for (const { element, geom, id } of solidMeshes(mujoco, spec, whole)) {
      const mesh = whole.geom_dataid[id]!
      if (!hulls.has(mesh)) hulls.set(mesh, addHull(mujoco, spec, whole, mesh))
      drawn.push(...drawnGeom(whole, id, shapes))
      keepMass(mujoco, whole, element, whole.geom_bodyid[id]!)
      geom.meshname = hulls.get(mesh)!.name
      geom.rgba[3] = 0
    }
    if (hulls.size > 0) deleteUnusedMeshes(mujoco, spec)
    return { drawn, files: [...hulls.values()] }
  } finally {
    whole.delete()
  }
}

interface SolidMesh {
  readonly element: MjsElement
  readonly geom: MjsGeom
  /** Index in the model. */
  readonly id: number
}

/** Geoms that collide as meshes, and whose mesh has a hull. Those that take only their size from a mesh are none. */
function solidMeshes(mujoco: Mujoco, spec: MjSpec, whole: MjModel): SolidMesh[] {
  const { mjOBJ_GEOM } = mujoco.mjtObj
  return elements(mujoco, spec, mjOBJ_GEOM).flatMap((element) => {
    const geom = mujoco.mjs_asGeom(element)
    const id = mujoco.mjs_getId(element)
    const isMesh = geom !== undefined && whole.geom_type[id] === mujoco.mjtGeom.mjGEOM_MESH.value
    return isMesh && whole.mesh_graphadr[whole.geom_dataid[id]!]! >= 0 ? [{ element, geom, id }] : []
  })
}

/** Add the hull of a mesh of the model to the spec. @returns Its file, whose path is also the name of the mesh. */
function addHull(mujoco: Mujoco, spec: MjSpec, whole: MjModel, mesh: number): StoredFile {
  const defaults = mujoco.mjs_getSpecDefault(spec)!
  const hull = mujoco.mjs_addMesh(spec, defaults)!
  const bytes = meshFile(hullCorners(hullVertices(whole, mesh)))
  const name = `/${hullFolder}/${createHash('sha256').update(bytes).digest('hex')}.msh`
  mujoco.mjs_setName(hull.element, name)
  hull.file = name
  hull.maxhullvert = -1
  hull.scale.set([1, 1, 1])
  hull.refpos.set([0, 0, 0])
  hull.refquat.set([1, 0, 0, 0])
  defaults.delete()
  return { name, bytes }
}

/** Folder of the hulls, beside those that a robot may have. */
const hullFolder = 'visuomotor-hulls'

/** Vertices in MuJoCo's own format: the counts of vertices, normals, texture coordinates and faces, then float32. */
function meshFile(vertices: Float64Array): Uint8Array {
  const bytes = Buffer.alloc(16 + 4 * vertices.length)
  bytes.writeInt32LE(vertices.length / 3, 0)
  for (const [i, coordinate] of vertices.entries()) bytes.writeFloatLE(coordinate, 16 + 4 * i)
  return bytes
}

/** Vertices of the convex hull of a mesh, [vertices, 3], where its file has them, scaled. */
function hullVertices(model: MjModel, mesh: number): Float64Array {
  const [x, y, z]: Float64Array = model.mesh_pos.subarray(3 * mesh, 3 * mesh + 3)
  const [w, i, j, k]: Float64Array = model.mesh_quat.subarray(4 * mesh, 4 * mesh + 4)
  const frame = { position: [x!, y!, z!] as const, rotation: quaternionMatrix([w!, i!, j!, k!]) }
  // mesh_graph: the counts of vertices and faces, an edge of each vertex, and the vertex's index in the mesh.
  const graph: number = model.mesh_graphadr[mesh]!
  const count: number = model.mesh_graph[graph]!
  const first: number = model.mesh_vertadr[mesh]!
  const vertices = new Float64Array(3 * count)
  for (let at = 0; at < count; at++) {
    const vertex = 3 * (first + model.mesh_graph[graph + 2 + count + at]!)
    const [a, b, c]: Float32Array = model.mesh_vert.subarray(vertex, vertex + 3)
    vertices.set(pointOutOf(frame, [a!, b!, c!]), 3 * at)
  }
  return vertices
}
