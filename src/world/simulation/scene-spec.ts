import type { ClassHandle, MjModel, MjSpec, MjsBody, MjsDefault } from '@mujoco/mujoco'
import type { Part } from '../scene/kinds.ts'
import { kindOf, type Scene, type SceneThing } from '../scene/scene.ts'
import type { Mujoco } from './mujoco.ts'

/** Kilograms a cubic metre: a cup of 140 g. */
const density = 400

/** Name of an object's body. */
export const thingName = (index: number): string => `thing${index}`

/**
 * Compile a robot's model with the objects of a scene in it, each a free body to be placed later. The spec is restored
 * afterwards. The caller deletes the model.
 * @throws Error in MuJoCo's words.
 */
export function compileScene(mujoco: Mujoco, spec: MjSpec, { things }: Scene): MjModel {
  // Each is a small object in MuJoCo's memory, which nobody else gives back.
  const handles: ClassHandle[] = []
  const held = <T extends ClassHandle>(handle: T | undefined): T => {
    handles.push(handle!)
    return handle!
  }
  const world = held(mujoco.mjs_findBody(spec, 'world'))
  const defaults = held(mujoco.mjs_getSpecDefault(spec))
  const bodies = things.map((thing, index) =>
    addThing(mujoco, world, defaults, thing, thingName(index), held),
  )
  try {
    return mujoco.mj_compile(spec)
  } finally {
    for (const body of bodies) mujoco.mjs_delete(spec, held(body.element))
    for (const handle of handles) handle.delete()
  }
}

type Hold = <T extends ClassHandle>(handle: T | undefined) => T

function addThing(
  mujoco: Mujoco,
  world: MjsBody,
  defaults: MjsDefault,
  thing: SceneThing,
  name: string,
  held: Hold,
): MjsBody {
  const body = held(mujoco.mjs_addBody(world, defaults))
  mujoco.mjs_setName(held(body.element), name)
  mujoco.mjs_setName(held(held(mujoco.mjs_addFreeJoint(body)).element), name)
  for (const part of kindOf(thing).parts) addGeom(mujoco, body, defaults, part, thing, held)
  return body
}

function addGeom(
  mujoco: Mujoco,
  body: MjsBody,
  defaults: MjsDefault,
  { shape, position, rotation = [1, 0, 0, 0], color }: Part,
  { scale, shade }: SceneThing,
  held: Hold,
): void {
  const geom = held(mujoco.mjs_addGeom(body, defaults))
  geom.type = typeOf(mujoco, shape.kind)
  geom.size.set(sizesOf(shape).map((size) => size * scale))
  geom.pos.set(position.map((coordinate) => coordinate * scale))
  geom.quat.set(rotation)
  geom.rgba.set([...(color ?? shade), 1])
  geom.density = density
  geom.contype = 1
  geom.conaffinity = 3
  geom.condim = 6
  geom.friction.set([1, 0.02, 0.001])
}

function typeOf({ mjtGeom }: Mujoco, kind: Part['shape']['kind']) {
  switch (kind) {
    case 'box':
      return mjtGeom.mjGEOM_BOX
    case 'ellipsoid':
      return mjtGeom.mjGEOM_ELLIPSOID
    case 'sphere':
      return mjtGeom.mjGEOM_SPHERE
    case 'capsule':
      return mjtGeom.mjGEOM_CAPSULE
    case 'cylinder':
      return mjtGeom.mjGEOM_CYLINDER
  }
}

/** Sizes of a shape in MuJoCo's form. */
function sizesOf(shape: Part['shape']): readonly number[] {
  switch (shape.kind) {
    case 'box':
      return shape.halfSizes
    case 'ellipsoid':
      return shape.radii
    case 'sphere':
      return [shape.radius]
    case 'capsule':
    case 'cylinder':
      return [shape.radius, shape.halfLength]
  }
}
