import type { Random } from '../../core/index.ts'
import type { Camera, Matrix3, Vector3 } from '../renderer/index.ts'
import type { Randomization } from './randomization.ts'
import { logUniform } from './randomize-materials.ts'

/** Vary lens and sensor, and displace the camera a little. */
export function randomizeCamera(
  camera: Camera,
  { verticalFov, focusDistance, noise, blur, position, rotation }: Randomization['camera'],
  random: Random,
): Camera {
  const offset: Vector3 = [
    random.uniform(-position, position),
    random.uniform(-position, position),
    random.uniform(-position, position),
  ]
  const angle = (): number => random.uniform(-rotation, rotation)
  return {
    ...displacedCamera(camera, offset, [angle(), angle(), angle()]),
    verticalFov: random.uniform(...verticalFov),
    focusDistance: logUniform(focusDistance, random),
    noise: random.uniform(...noise),
    blur: random.uniform(...blur) * camera.height,
  }
}

/**
 * A camera in another pose: displaced along its own axes, then turned about x, y and z, one after the other.
 * @param offset Metres. @param angles Degrees.
 */
export function displacedCamera(camera: Camera, offset: Vector3, angles: Vector3): Camera {
  const { position: place, rotation: axes } = camera
  const moved = (row: 0 | 1 | 2): number =>
    offset.reduce((sum, along, axis) => sum + along * axes[3 * row + axis]!, place[row])
  const rotation = angles.reduce<Matrix3>(
    (matrix, degrees, axis) => turnAbout(matrix, axis as 0 | 1 | 2, (degrees * Math.PI) / 180),
    axes,
  )
  return { ...camera, position: [moved(0), moved(1), moved(2)], rotation }
}

/** Turn the axes of a body about one of them. */
function turnAbout(matrix: Matrix3, axis: 0 | 1 | 2, angle: number): Matrix3 {
  const [one, other] = [(axis + 1) % 3, (axis + 2) % 3]
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)]
  const turned = Array.from(matrix)
  for (let row = 0; row < 9; row += 3) {
    turned[row + one] = cosine * matrix[row + one]! + sine * matrix[row + other]!
    turned[row + other] = cosine * matrix[row + other]! - sine * matrix[row + one]!
  }
  return turned
}
