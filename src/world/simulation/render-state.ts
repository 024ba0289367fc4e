import type { Color } from '../../data/index.ts'
import type { Camera, Material, RenderObject, RenderScene } from '../renderer/index.ts'
import { frameIn } from './drawn-geoms.ts'
import { frameOf, multiply, pointOutOf } from './frame.ts'
import { geomShape, isVisible } from './geom-shape.ts'
import { robotModel } from './robot-model.ts'
import { rotationMatrix } from './rotation.ts'
import type { Simulation } from './simulation.ts'

/** Size of an image, pixels. */
export interface PictureSize {
  readonly width: number
  readonly height: number
}

/** Cameras of the robot: that of its head, and one at its wrist that looks past the fingertips. */
export const robotCameras = ['head', 'wrist'] as const
export type RobotCamera = (typeof robotCameras)[number]

/** Value of `segmentation` for the robot and the room; object i has i + 1. */
export const surroundings = 0

/**
 * Scene of one of the robot's cameras in a simulation's present state: the shapes of all visible geoms (groups 0 to 2, as in
 * MuJoCo's own images; the others are usually for collisions), one lamp and soft ambient light. In `segmentation` the
 * object with index i is i + 1, all else is `surroundings`.
 */
export function renderState(
  simulation: Simulation,
  size: PictureSize,
  camera: RobotCamera = 'head',
): RenderScene {
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
  return { objects, ...studio, camera: { ...views[camera](simulation), ...size } }
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

/** The wrist's camera in the frame of the hand: metres, radians that it is tilted towards the fingertips, degrees. */
const wristCamera = { position: [0.07, 0, 0.1], tilt: 0.35, verticalFov: 75, near: 0.01 } as const

/** Views of the cameras, without the size of the image. */
const views: Readonly<Record<RobotCamera, (simulation: Simulation) => Omit<Camera, keyof PictureSize>>> = {
  head({ data, model, elements: { camera } }) {
    const frame = frameOf(data.cam_xpos, data.cam_xmat, camera)
    return { ...frame, verticalFov: model.cam_fovy[camera]!, near: 0.02, far: 20 }
  },
  wrist(simulation) {
    const hand = simulation.handFrame()
    const { position, tilt, verticalFov, near } = wristCamera
    // The hand's z leads back to the wrist, and a camera looks against its own z. Its picture's right is the hand's −y.
    const rotation = multiply(hand.rotation, multiply(rotationMatrix([0, tilt, 0]), upIsForward))
    return { position: pointOutOf(hand, position), rotation, verticalFov, near, far: 20 }
  },
}

/** Turn of a camera that looks down, so that the robot's front is up in its picture. */
const upIsForward = rotationMatrix([0, 0, -Math.PI / 2])

/** Value of each geom in `segmentation`: 1 + the index of its object, or `surroundings`. */
function thingOfGeom({ model, scene }: Simulation): Int32Array {
  const owners = new Int32Array(model.ngeom).fill(surroundings)
  const firstThing = model.nbody - scene.things.length // their bodies come last, in order
  for (let geom = 0; geom < model.ngeom; geom++) {
    owners[geom] = Math.max(surroundings, model.geom_bodyid[geom]! - firstThing + 1)
  }
  return owners
}
