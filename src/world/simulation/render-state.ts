import type { Color } from '../../data/index.ts'
import type { Camera, Material, RenderObject, RenderScene } from '../renderer/index.ts'
import { frameIn } from './drawn-geoms.ts'
import { frameOf } from './frame.ts'
import { geomShape, isVisible } from './geom-shape.ts'
import { robotModel } from './robot-model.ts'
import type { Simulation } from './simulation.ts'

/** Size of an image, pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Value of `segmentation` for the robot and the room; object i has i + 1. */
export const surroundings = 0

/**
 * Scene of the robot's camera in a simulation's present state: the shapes of all visible geoms (groups 0 to 2, as in
 * MuJoCo's own images; the others are usually for collisions), one lamp and soft ambient light. In `segmentation` the
 * object with index i is i + 1, all else is `surroundings`.
 */
export function renderState(simulation: Simulation, size: PictureSize): RenderScene {
  const { mujoco, model, data, robot } = simulation
  const owners = thingOfGeom(simulation)
  const { geom_rgba: colors } = model
  const { geom_xpos: positions, geom_xmat: rotations } = data
  const { shapes, drawn } = robotModel(mujoco, robot)
  const objects: RenderObject[] = []
  for (let geom = 0; geom < model.ngeom; geom++) {
    if (!isVisible(model, geom)) continue
    const shape = geomShape(model, geom, shapes)
    if (shape === undefined) continue
    const [red, green, blue] = colors.subarray(4 * geom, 4 * geom + 3)
    const material = plain([red!, green!, blue!])
    objects.push({ id: owners[geom]!, shape, ...frameOf(positions, rotations, geom), material })
  }
  for (const { body, frame, shape, color } of drawn) {
    const placed = frameIn(frameOf(data.xpos, data.xmat, body), frame)
    objects.push({ id: surroundings, shape, ...placed, material: plain(color) })
  }
  return { objects, ...studio, camera: cameraOf(simulation, size) }
}

const plain = (color: Color): Material => ({ color, roughness: 0.6, metalness: 0 })

/** Light in the room without randomization. */
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

/** Value of each geom in `segmentation`: 1 + the index of its object, or `surroundings`. */
function thingOfGeom({ model, scene }: Simulation): Int32Array {
  const owners = new Int32Array(model.ngeom).fill(surroundings)
  const firstThing = model.nbody - scene.things.length // their bodies come last, in order
  for (let geom = 0; geom < model.ngeom; geom++) {
    owners[geom] = Math.max(surroundings, model.geom_bodyid[geom]! - firstThing + 1)
  }
  return owners
}
