import { noiseSlope, place } from './lattice-noise.ts'
import type { Solid } from './solid.ts'
import { pixelWidth, type Surfaces, visitStretches } from './surfaces.ts'
import { column } from './vector.ts'

/** Pitch of the lattice of the bumps, metres: about the distance of two hammer marks. */
const pitch = 0.015

/** Approximate slope of the steepest bumps at strength 1. */
const steepest = 0.6

const slope = new Float64Array(3)

/**
 * Tilt the normals of surfaces with bumps: n − (g − (g·n)·n), normalized, where g is the gradient of the bumps' height
 * in the solid. Bumps finer than a pixel fade out by the square of their visible fraction, to avoid glitter. `focal` is
 * the view's focal length, in pixels.
 */
export function raiseBumps(focal: number, solids: readonly Solid[], surfaces: Surfaces): void {
  const strengths = solids.map(({ object }) => object.material.bumpStrength ?? 0)
  if (!strengths.some((strength) => strength > 0)) return
  visitStretches(surfaces, (number, from, end) => {
    const strength = strengths[number]!
    if (strength > 0) raiseSolid(solids[number]!, steepest * strength, focal, surfaces, from, end)
  })
}

function raiseSolid(
  { object: { position, rotation } }: Solid,
  height: number,
  focal: number,
  surfaces: Surfaces,
  from: number,
  end: number,
): void {
  const [px, py, pz] = position
  const [xx, xy, xz] = column(rotation, 0)
  const [yx, yy, yz] = column(rotation, 1)
  const [zx, zy, zz] = column(rotation, 2)
  const { x: worldX, y: worldY, z: worldZ, normalX, normalY, normalZ } = surfaces
  for (let pixel = from; pixel < end; pixel++) {
    const x = (worldX[pixel]! - px) / pitch
    const y = (worldY[pixel]! - py) / pitch
    const z = (worldZ[pixel]! - pz) / pitch
    place[0] = xx * x + xy * y + xz * z
    place[1] = yx * x + yy * y + yz * z
    place[2] = zx * x + zy * y + zz * z
    noiseSlope(place, slope)
    const part = pitch / pixelWidth(surfaces, pixel, focal)
    const seen = part < 1 ? height * part * part : height
    const gx = seen * (xx * slope[0]! + yx * slope[1]! + zx * slope[2]!)
    const gy = seen * (xy * slope[0]! + yy * slope[1]! + zy * slope[2]!)
    const gz = seen * (xz * slope[0]! + yz * slope[1]! + zz * slope[2]!)
    const along = 1 + gx * normalX[pixel]! + gy * normalY[pixel]! + gz * normalZ[pixel]!
    const nx = normalX[pixel]! * along - gx
    const ny = normalY[pixel]! * along - gy
    const nz = normalZ[pixel]! * along - gz
    const shorten = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz)
    normalX[pixel] = nx * shorten
    normalY[pixel] = ny * shorten
    normalZ[pixel] = nz * shorten
  }
}
