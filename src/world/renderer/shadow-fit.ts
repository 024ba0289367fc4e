import type { Light, Vector3 } from './render-scene.ts'
import type { Solid } from './solid.ts'
import type { Surfaces } from './surfaces.ts'
import { dot, subtract } from './vector.ts'
import { axesAlong, type View } from './view.ts'

/** Rectangle on the raster of a light with focal lengths 1: metres, or tangents of angles for a spot light. */
interface Bounds {
  left: number
  right: number
  top: number
  bottom: number
}

/** Nearest distance from a spot light that casts a shadow, metres. */
const nearest = 0.02

/** Stride of the sampled pixels, in both directions. */
const stride = 2

/**
 * View of a light, `size` × `size` texels, on the part of its field where visible surfaces and possible casters meet:
 * the fewer metres it covers, the finer its shadows. Undefined when there is no such part.
 */
export function fitShadowView(
  light: Light,
  solids: readonly Solid[],
  surfaces: Surfaces,
  width: number,
  size: number,
): View | undefined {
  const view = unfitted(light, size)
  const bounds = intersection(boundsOfCasters(view, solids), boundsOfSeen(view, surfaces, width))
  if (!(bounds.left < bounds.right && bounds.top < bounds.bottom)) return undefined
  // Room for the pixels between those asked, and for the taps beside the outermost texels.
  const marginX = 0.02 * (bounds.right - bounds.left)
  const marginY = 0.02 * (bounds.bottom - bounds.top)
  const focalX = size / (bounds.right - bounds.left + 2 * marginX)
  const focalY = size / (bounds.bottom - bounds.top + 2 * marginY)
  return {
    ...view,
    focalX,
    focalY,
    centerX: (marginX - bounds.left) * focalX,
    centerY: (marginY - bounds.top) * focalY,
  }
}

function unfitted(light: Light, size: number): View {
  const spot = light.kind === 'spot'
  return {
    perspective: spot,
    position: spot ? light.position : [0, 0, 0],
    ...axesAlong(light.direction),
    focalX: 1,
    focalY: 1,
    centerX: 0,
    centerY: 0,
    near: nearest,
    far: Infinity,
    width: size,
    height: size,
  }
}

const empty = (): Bounds => ({ left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity })

const everything: Bounds = { left: -Infinity, right: Infinity, top: -Infinity, bottom: Infinity }

/** Bounds of the solids' bounding balls; everything for a spot light inside one. */
function boundsOfCasters(view: View, solids: readonly Solid[]): Bounds {
  const bounds = empty()
  for (const solid of solids) {
    if (!castsShadow(solid)) continue
    const { u, v, d } = seenFrom(view, solid.object.position)
    const radius = solid.boundingRadius
    if (!view.perspective) {
      extend(bounds, u - radius, v - radius)
      extend(bounds, u + radius, v + radius)
      continue
    }
    if (d + radius < view.near) continue
    if (d - radius < view.near) return everything
    for (const distance of [d - radius, d + radius]) {
      extend(bounds, (u - radius) / distance, (v - radius) / distance)
      extend(bounds, (u + radius) / distance, (v + radius) / distance)
    }
  }
  return bounds
}

/** Test for a solid that casts shadows: a plane has no inside, and its shadow falls behind it. */
export const castsShadow = (solid: Solid): boolean => solid.unit !== 'plane'

/** Bounds of the visible surfaces that face the light. */
function boundsOfSeen(view: View, surfaces: Surfaces, width: number): Bounds {
  const bounds = empty()
  const { solid, x, y, z } = surfaces
  const { right, down, forward, position: p } = view
  for (let row = 0; row < solid.length; row += width * stride) {
    for (let pixel = row; pixel < row + width; pixel += stride) {
      if (solid[pixel]! < 0) continue
      const ex = x[pixel]! - p[0]
      const ey = y[pixel]! - p[1]
      const ez = z[pixel]! - p[2]
      const d = view.perspective ? forward[0] * ex + forward[1] * ey + forward[2] * ez : 1
      if (d < view.near) continue
      extend(
        bounds,
        (right[0] * ex + right[1] * ey + right[2] * ez) / d,
        (down[0] * ex + down[1] * ey + down[2] * ez) / d,
      )
    }
  }
  return bounds
}

function extend(bounds: Bounds, u: number, v: number): void {
  if (u < bounds.left) bounds.left = u
  if (u > bounds.right) bounds.right = u
  if (v < bounds.top) bounds.top = v
  if (v > bounds.bottom) bounds.bottom = v
}

function seenFrom(view: View, point: Vector3): { u: number; v: number; d: number } {
  const offset = subtract(point, view.position)
  return { u: dot(view.right, offset), v: dot(view.down, offset), d: dot(view.forward, offset) }
}

const intersection = (a: Bounds, b: Bounds): Bounds => ({
  left: Math.max(a.left, b.left),
  right: Math.min(a.right, b.right),
  top: Math.max(a.top, b.top),
  bottom: Math.min(a.bottom, b.bottom),
})
