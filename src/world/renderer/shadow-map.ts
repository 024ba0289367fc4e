import { project } from './project.ts'
import { clearRaster, type Raster, rasterize } from './raster.ts'
import type { Light } from './render-scene.ts'
import { castsShadow, fitShadowView } from './shadow-fit.ts'
import { meshOf, type Solid } from './solid.ts'
import type { Surfaces } from './surfaces.ts'
import { Triangles } from './triangles.ts'
import { dot, subtract } from './vector.ts'
import { seesBall, type View } from './view.ts'

/** Lift of a surface along its normal before the look-up, in texels, so that it does not shade itself. */
const lift = 2

/** Displacement towards the light besides, in texels. */
const bias = 0.25

/** Fraction of the pixels for a caster's mesh: shadows may be less round than their casters. */
const roundness = 0.4

const triangles = new Triangles()

/**
 * Write the fraction of a light at each pixel's surface to `lit`: 0 in shadow, 1 in the open, its initial value.
 * `raster` is the square map to draw on, the nearest surface on each ray of the light (Williams 1978).
 */
export function castShadows(
  light: Light,
  solids: readonly Solid[],
  surfaces: Surfaces,
  width: number,
  raster: Raster,
  lit: Float32Array,
): void {
  const view = fitShadowView(light, solids, surfaces, width, raster.width)
  if (view === undefined) return
  drawMap(view, solids, raster)
  lookUp(view, raster, surfaces, lit)
}

/** Draw the nearest surface to the light at each texel. */
function drawMap(view: View, solids: readonly Solid[], raster: Raster): void {
  clearRaster(raster, view.perspective ? 0 : -Infinity)
  triangles.clear()
  for (const [index, solid] of solids.entries()) {
    const { position } = solid.object
    if (!castsShadow(solid) || !seesBall(view, position, solid.boundingRadius)) continue
    const distance = view.perspective
      ? Math.max(view.near, dot(view.forward, subtract(position, view.position)))
      : 1
    const mesh = meshOf(solid, (roundness * Math.min(view.focalX, view.focalY)) / distance)
    project(view, solid, index, mesh, triangles, 'without normals')
  }
  rasterize(triangles, 0, raster)
}

/** Look surfaces up in the map, a little nearer to the light. */
function lookUp(
  { right, down, forward, position, perspective, focalX, focalY, centerX, centerY, near }: View,
  raster: Raster,
  surfaces: Surfaces,
  lit: Float32Array,
): void {
  const [px, py, pz] = position
  const [rx, ry, rz] = right
  const [dx, dy, dz] = down
  const [fx, fy, fz] = forward
  const texelAtOne = 1 / Math.min(focalX, focalY)
  const { solid, x: worldX, y: worldY, z: worldZ, normalX, normalY, normalZ } = surfaces
  for (let pixel = 0; pixel < solid.length; pixel++) {
    if (solid[pixel]! < 0) continue
    let x = worldX[pixel]! - px
    let y = worldY[pixel]! - py
    let z = worldZ[pixel]! - pz
    const distance = perspective ? fx * x + fy * y + fz * z : 1
    if (distance < near) continue
    const texel = distance * texelAtOne
    x += lift * texel * normalX[pixel]!
    y += lift * texel * normalY[pixel]!
    z += lift * texel * normalZ[pixel]!
    const d = fx * x + fy * y + fz * z - bias * texel
    const factor = perspective ? 1 / d : 1
    const u = centerX + focalX * (rx * x + ry * y + rz * z) * factor
    const v = centerY + focalY * (dx * x + dy * y + dz * z) * factor
    lit[pixel] = litPart(raster, u - 0.5, v - 0.5, perspective ? factor : -d)
  }
}

/** Compare with the four nearest texels and blend the results by distance (percentage-closer filtering). */
function litPart({ width, height, nearness }: Raster, u: number, v: number, near: number): number {
  if (!(u >= 0 && v >= 0 && u < width - 1 && v < height - 1)) return 1
  const i = Math.floor(u)
  const j = Math.floor(v)
  const at = j * width + i
  const first = nearness[at]! > near ? 0 : 1
  const second = nearness[at + 1]! > near ? 0 : 1
  const third = nearness[at + width]! > near ? 0 : 1
  const fourth = nearness[at + width + 1]! > near ? 0 : 1
  const top = first + (second - first) * (u - i)
  return top + (third + (fourth - third) * (u - i) - top) * (v - j)
}
