import { noiseSlope } from './lattice-noise.ts'
import type { Solid } from './solid.ts'
import { pixelWidth, type Surfaces, visitStretches } from './surfaces.ts'

/** Distance of the lattice that bumps are made of, metres: about that of two hammer marks. */
const pitch = 0.015

/** Slope of the steepest bumps, about, at strength 1. */
const steepest = 0.6

const slope = new Float64Array(3)

/**
 * Tilt the normals of surfaces with bumps: n − (g − (g·n)·n), normalized, where g is the gradient of the bumps'
 * height in the solid. Bumps finer than a pixel fade out. `focal` is that of the view, in pixels.
 */
export function raiseBumps(focal: number, solids: readonly Solid[], surfaces: Surfaces): void {
  const strengths = solids.map(({ object }) => object.material.bumpStrength ?? 0)
  if (!strengths.some((strength) => strength > 0)) return
  visitStretches(surfaces, (number, from, end) => {
    if (strengths[number]! === 0) return
    const height = steepest * strengths[number]!
    for (let pixel = from; pixel < end; pixel++) {
      const seen = Math.min(1, pitch / pixelWidth(surfaces, pixel, focal))
      raiseBump(solids[number]!, seen * height, surfaces, pixel)
    }
  })
}

function raiseBump({ object }: Solid, height: number, surfaces: Surfaces, pixel: number): void {
  const { position, rotation: r } = object
  const x = (surfaces.x[pixel]! - position[0]) / pitch
  const y = (surfaces.y[pixel]! - position[1]) / pitch
  const z = (surfaces.z[pixel]! - position[2]) / pitch
  noiseSlope(
    r[0]! * x + r[3]! * y + r[6]! * z,
    r[1]! * x + r[4]! * y + r[7]! * z,
    r[2]! * x + r[5]! * y + r[8]! * z,
    slope,
  )
  const a = height * slope[0]!
  const b = height * slope[1]!
  const c = height * slope[2]!
  const gx = r[0]! * a + r[1]! * b + r[2]! * c
  const gy = r[3]! * a + r[4]! * b + r[5]! * c
  const gz = r[6]! * a + r[7]! * b + r[8]! * c
  let nx = surfaces.normalX[pixel]!
  let ny = surfaces.normalY[pixel]!
  let nz = surfaces.normalZ[pixel]!
  const along = 1 + gx * nx + gy * ny + gz * nz
  nx = nx * along - gx
  ny = ny * along - gy
  nz = nz * along - gz
  const shorten = 1 / Math.sqrt(nx * nx + ny * ny + nz * nz)
  surfaces.normalX[pixel] = nx * shorten
  surfaces.normalY[pixel] = ny * shorten
  surfaces.normalZ[pixel] = nz * shorten
}
