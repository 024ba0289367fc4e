import { displacedCamera, type Vector3 } from '../../../world/index.ts'
import { type Axis, direction, levelsOf, type Severity } from './axis.ts'

/** Centimetres and degrees of each severity; the training data has the camera always in one place. */
const steps: Readonly<Record<Severity, readonly [centimetres: number, degrees: number]>> = {
  1: [1, 1],
  2: [2, 2],
  3: [4, 4],
  4: [6, 6],
  5: [10, 8],
}

/**
 * The camera elsewhere: displaced in a random direction, but not back into the robot's head, and turned about a random
 * axis.
 */
export const camera: Axis = {
  title: 'Camera',
  levels: levelsOf((severity) => `${steps[severity][0]} cm and ${steps[severity][1]}° away`),
  settings: ['table', 'floor'],
  moves: false,
  perturb(_, severity, random) {
    const [centimetres, degrees] = steps[severity]
    const [x, y, z] = direction(random)
    const offset = scaled([x, y, -Math.abs(z)], centimetres / 100) // it looks along −z
    const angles = scaled(direction(random), degrees)
    return { change: (scene) => ({ ...scene, camera: displacedCamera(scene.camera, offset, angles) }) }
  },
}

const scaled = ([x, y, z]: Vector3, factor: number): Vector3 => [factor * x, factor * y, factor * z]
