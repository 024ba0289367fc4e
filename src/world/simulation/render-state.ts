import type { MjModel } from '@mujoco/mujoco'
import type { Camera, Material, RenderObject, RenderScene, Shape3 } from '../renderer/index.ts'
import { frameOf } from './frame.ts'
import { heightFieldShape, heightFieldType, meshShape, meshType } from './mesh-shape.ts'
import type { Simulation } from './simulation.ts'

/** Pixels of a picture. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** What `segmentation` holds for the robot and the room; thing i has i + 1. */
export const surroundings = 0

const lastVisibleGroup = 2

/**
 * What the robot's camera sees of a simulation's present state: the shapes of all visible geoms (groups 0 to 2, as in
 * MuJoCo's own pictures; the others are usually for collisions), one lamp and soft light from everywhere. In
 * `segmentation` the thing at place i of the scene is i + 1, all else is `surroundings`.
 */
export function renderState(simulation: Simulation, size: PictureSize): RenderScene {
  const { model, data } = simulation
  const owners = thingOfGeom(simulation)
  const { geom_rgba: colors, geom_group: groups } = model
  const { geom_xpos: positions, geom_xmat: rotations } = data
  const objects: RenderObject[] = []
  for (let geom = 0; geom < model.ngeom; geom++) {
    const [red, green, blue, alpha] = colors.subarray(4 * geom, 4 * geom + 4)
    if (alpha === 0 || groups[geom]! > lastVisibleGroup) continue
    const shape = shapeOf(model, geom)
    if (shape === undefined) continue
    const material = {
      color: [red!, green!, blue!] as const,
      roughness: 0.6,
      metalness: 0,
    } satisfies Material
    objects.push({ id: owners[geom]!, shape, ...frameOf(positions, rotations, geom), material })
  }
  return { objects, ...studio, camera: cameraOf(simulation, size) }
}

/** The light in the room unless it is randomized. */
const studio: Pick<RenderScene, 'lights' | 'ambient' | 'background'> = {
  lights: [
    {
      kind: 'directional',
      direction: [0.35, 0.45, -1],
      color: [1, 0.97, 0.92],
      intensity: 0.9,
      castsShadow: true,
    },
  ],
  ambient: [0.5, 0.51, 0.54],
  background: [0.7, 0.75, 0.8],
}

function cameraOf({ data, model, elements: { camera } }: Simulation, size: PictureSize): Camera {
  const frame = frameOf(data.cam_xpos, data.cam_xmat, camera)
  return { ...frame, verticalFov: model.cam_fovy[camera]!, near: 0.02, far: 20, ...size }
}

/** For each geom: 1 + the place of the thing that it is a part of, or `surroundings`. */
function thingOfGeom({ model, scene }: Simulation): Int32Array {
  const owners = new Int32Array(model.ngeom).fill(surroundings)
  const firstThing = model.nbody - scene.things.length // their bodies come last, in order
  for (let geom = 0; geom < model.ngeom; geom++) {
    owners[geom] = Math.max(surroundings, model.geom_bodyid[geom]! - firstThing + 1)
  }
  return owners
}

/** By `mjtGeom`; undefined for what has no surface to draw here: distance fields. */
function shapeOf(model: MjModel, geom: number): Shape3 | undefined {
  const [x, y, z]: Float64Array = model.geom_size.subarray(3 * geom, 3 * geom + 3)
  switch (model.geom_type[geom]) {
    case 0:
      return { kind: 'plane', halfSizes: [x!, y!] }
    case heightFieldType:
      return heightFieldShape(model, geom)
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
    case meshType:
      return meshShape(model, geom)
    default:
      return undefined
  }
}
