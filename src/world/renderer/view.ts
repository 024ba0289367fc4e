import type { Camera, Vector3 } from './render-scene.ts'
import { column, cross, dot, normalize, scale } from './vector.ts'

/**
 * Projection of the world onto a raster, for the camera and for a light's shadow map. With u, v, d = right · (p −
 * position), down · (p − position), forward · (p − position):
 *
 *     perspective:   x = centerX + focalX·u/d,   y = centerY + focalY·v/d,   nearness = 1/d
 *     parallel:      x = centerX + focalX·u,     y = centerY + focalY·v,     nearness = −d
 *
 * Either nearness is a linear function of x and y on a plane; larger is nearer.
 */
export interface View {
  readonly perspective: boolean
  readonly position: Vector3
  /** Right, down and forward: orthogonal, of length 1 and right-handed. */
  readonly right: Vector3
  readonly down: Vector3
  readonly forward: Vector3
  /** Focal length, pixels; in a parallel view, pixels per metre. */
  readonly focalX: number
  readonly focalY: number
  readonly centerX: number
  readonly centerY: number
  /** Near and far distance of a perspective view, metres. */
  readonly near: number
  readonly far: number
  /** Width and height, pixels. */
  readonly width: number
  readonly height: number
}

/** View of a camera on a raster with `factor` times its rows and columns. */
export function cameraView(camera: Camera, factor: number): View {
  const width = camera.width * factor
  const height = camera.height * factor
  const focal = height / 2 / Math.tan((camera.verticalFov * Math.PI) / 360)
  return {
    perspective: true,
    position: camera.position,
    right: column(camera.rotation, 0),
    down: scale(column(camera.rotation, 1), -1),
    forward: scale(column(camera.rotation, 2), -1),
    focalX: focal,
    focalY: focal,
    centerX: width / 2,
    centerY: height / 2,
    near: camera.near,
    far: camera.far,
    width,
    height,
  }
}

/** Right, down and forward of a view in `direction`, with any rotation about it. */
export function axesAlong(direction: Vector3): Pick<View, 'right' | 'down' | 'forward'> {
  const forward = normalize(direction)
  const aside: Vector3 = Math.abs(forward[0]) < 0.7 ? [1, 0, 0] : [0, 1, 0]
  const right = normalize(cross(aside, forward))
  return { right, down: cross(forward, right), forward }
}

/** Test for a ball in the field of view; exact but for balls near an edge. */
export function seesBall(view: View, center: Vector3, radius: number): boolean {
  const u = dot(view.right, center) - dot(view.right, view.position)
  const v = dot(view.down, center) - dot(view.down, view.position)
  const d = dot(view.forward, center) - dot(view.forward, view.position)
  if (view.perspective && (d + radius < view.near || d - radius > view.far)) return false
  const { focalX, focalY, centerX, centerY, width, height } = view
  return (
    insideEdge(view, focalX * u, d, centerX, focalX, radius) &&
    insideEdge(view, -focalX * u, d, width - centerX, focalX, radius) &&
    insideEdge(view, focalY * v, d, centerY, focalY, radius) &&
    insideEdge(view, -focalY * v, d, height - centerY, focalY, radius)
  )
}

/**
 * Test for a ball that reaches over the plane along + margin·d ≥ 0 (margin alone in a parallel view) through an edge.
 */
function insideEdge(
  view: View,
  along: number,
  d: number,
  margin: number,
  focal: number,
  radius: number,
): boolean {
  if (!view.perspective) return along + margin >= -radius * focal
  return along + margin * d >= -radius * Math.sqrt(focal * focal + margin * margin)
}
