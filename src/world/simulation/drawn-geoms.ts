import type { MjModel, MjSpec, MjsElement, mjtObj } from '@mujoco/mujoco'
import type { Color } from '../../data/index.ts'
import type { Shape3 } from '../renderer/index.ts'
import { type Frame, multiply, pointOutOf } from './frame.ts'
import { geomShape, isVisible } from './geom-shape.ts'
import type { Mujoco } from './mujoco.ts'
import { quaternionMatrix } from './rotation.ts'

/** Geom without a part in physics, for drawing only. */
export interface DrawnGeom {
  readonly body: number
  /** Frame in its body's. */
  readonly frame: Frame
  readonly shape: Shape3
  readonly color: Color
}

/**
 * Remove meshes without collisions from a spec, with all elements that no other geom needs; their bodies keep their
 * masses. (MuJoCo's `discardvisual` is the same, but breaks models with materials.)
 * @returns Geoms to be drawn. Nothing is removed if masses must come from geoms.
 */
export function setVisualsAside(mujoco: Mujoco, spec: MjSpec): DrawnGeom[] {
  if (spec.compiler.inertiafromgeom.value === mujoco.mjtInertiaFromGeom.mjINERTIAFROMGEOM_TRUE.value)
    return []
  const whole = mujoco.mj_compile(spec)
  const shapes = new Map<string, Shape3>()
  const drawn: DrawnGeom[] = []
  try {
    // Places in the model shift when an element is deleted.
    const visual = elements(mujoco, spec, mujoco.mjtObj.mjOBJ_GEOM)
      .map((element) => ({ element, geom: mujoco.mjs_getId(element) }))
      .filter(({ geom }) => isVisualMesh(whole, geom))
    for (const { element, geom } of visual) {
      drawn.push(...drawnGeom(whole, geom, shapes))
      keepMass(mujoco, whole, element, whole.geom_bodyid[geom]!)
      mujoco.mjs_delete(spec, element)
    }
    if (visual.length > 0) deleteUnusedMeshes(mujoco, spec)
    return drawn
  } finally {
    whole.delete()
  }
}

const isVisualMesh = (model: MjModel, geom: number): boolean =>
  model.geom_type[geom] === 7 && model.geom_contype[geom] === 0 && model.geom_conaffinity[geom] === 0

/** Elements of a kind in a spec. */
export function elements(mujoco: Mujoco, spec: MjSpec, type: mjtObj): MjsElement[] {
  const found: MjsElement[] = []
  for (let next = mujoco.mjs_firstElement(spec, type); next; next = mujoco.mjs_nextElement(spec, next)) {
    found.push(next)
  }
  return found
}

/** Write the compiled mass of a geom's body into the spec. */
export function keepMass(mujoco: Mujoco, whole: MjModel, geom: MjsElement, id: number): void {
  const body = mujoco.mjs_getParent(geom)
  if (id === 0 || !body || body.explicitinertial) return
  body.explicitinertial = true
  body.mass = whole.body_mass[id]!
  body.ipos.set(whole.body_ipos.subarray(3 * id, 3 * id + 3))
  body.iquat.set(whole.body_iquat.subarray(4 * id, 4 * id + 4))
  body.inertia.set(whole.body_inertia.subarray(3 * id, 3 * id + 3))
}

/** Delete the meshes of a spec that no geom has. */
export function deleteUnusedMeshes(mujoco: Mujoco, spec: MjSpec): void {
  const { mjOBJ_GEOM, mjOBJ_MESH } = mujoco.mjtObj
  const names = elements(mujoco, spec, mjOBJ_GEOM).map((geom) => mujoco.mjs_asGeom(geom)?.meshname)
  const used = new Set(names)
  for (const mesh of elements(mujoco, spec, mjOBJ_MESH)) {
    if (!used.has(mujoco.mjs_getName(mesh))) mujoco.mjs_delete(spec, mesh)
  }
}

/** A geom as it is drawn, if it is. @param shapes Cache of mesh triangles. */
export function drawnGeom(model: MjModel, geom: number, shapes: Map<string, Shape3>): DrawnGeom[] {
  const shape = isVisible(model, geom) ? geomShape(model, geom, shapes) : undefined
  return shape ? [{ ...placeAndColor(model, geom), shape }] : []
}

function placeAndColor(model: MjModel, geom: number): Omit<DrawnGeom, 'shape'> {
  const [x, y, z]: Float64Array = model.geom_pos.subarray(3 * geom, 3 * geom + 3)
  const [w, i, j, k]: Float64Array = model.geom_quat.subarray(4 * geom, 4 * geom + 4)
  const [red, green, blue]: Float32Array = model.geom_rgba.subarray(4 * geom, 4 * geom + 3)
  return {
    body: model.geom_bodyid[geom]!,
    frame: { position: [x!, y!, z!], rotation: quaternionMatrix([w!, i!, j!, k!]) },
    color: [red!, green!, blue!],
  }
}

/** Frame in the world, from a frame within another. */
export const frameIn = (outer: Frame, inner: Frame): Frame => ({
  position: pointOutOf(outer, inner.position),
  rotation: multiply(outer.rotation, inner.rotation),
})
