import { noiseAt, place } from './lattice-noise.ts'
import type { Texture } from './render-scene.ts'

/**
 * Fraction of the second colour, in [0, 1], at a place of a solid. `cut` holds the place x, y, z, then the normal
 * there, then the width that the pixel covers, in the solid's coordinates and in units of the texture's scale. Detail
 * finer than the width is drawn as its mean. (Separate arguments would cost more than the pattern.)
 */
export type Pattern = (cut: Float64Array) => number

/** Patterns by the texture's kind. */
export const patterns: Readonly<Record<Texture['kind'], Pattern>> = { checks, wood, noise }

/**
 * Cubes of edge 1, alternating: the product of three square waves, each averaged over the pixel's extent along the
 * axis, the sine of its angle to the normal.
 */
function checks(cut: Float64Array): number {
  const width = cut[6]!
  const alongX = squareWave(cut[0]!, width * sineTo(cut[3]!))
  const alongY = squareWave(cut[1]!, width * sineTo(cut[4]!))
  const alongZ = squareWave(cut[2]!, width * sineTo(cut[5]!))
  return 0.5 - 0.5 * alongX * alongY * alongZ
}

function sineTo(cosine: number): number {
  const squared = 1 - cosine * cosine
  return squared > 0 ? Math.sqrt(squared) : 0
}

/** Mean, from t − width/2 to t + width/2, of a square wave: 1 from 0 to 1, −1 from 1 to 2 and so on. */
function squareWave(t: number, width: number): number {
  const reach = width > 1e-4 ? width : 1e-4
  return (rise(t + reach / 2) - rise(t - reach / 2)) / reach
}

/** Integral of the square wave: up from 0 to 1, down again from 1 to 2. */
function rise(t: number): number {
  const within = t - 2 * Math.floor(t / 2)
  return within < 1 ? within : 2 - within
}

/** Middle of the rings, beside the object, so that its faces look like boards. */
const heart = { y: 3.3, z: 7.7 }

/** Rings of width 1 about an axis along x, bent by noise: slowly darker, then quickly light again. */
function wood(cut: Float64Array): number {
  const y = cut[1]! + heart.y
  const z = cut[2]! + heart.z
  place[0] = 0.12 * cut[0]!
  place[1] = 0.5 * cut[1]!
  place[2] = 0.5 * cut[2]!
  const radius = Math.sqrt(y * y + z * z) + 1.3 * noiseAt(place)
  const t = radius - Math.floor(radius)
  return blurred(t < 0.8 ? 1.25 * t : 5 - 5 * t, cut[6]!)
}

/** Specks of about size 1 with finer ones among them. */
function noise(cut: Float64Array): number {
  const coarse = noiseAt(cut)
  for (let axis = 0; axis < 3; axis++) place[axis] = 2.1 * cut[axis]! + 5
  return blurred(0.5 + 0.7 * coarse + 0.35 * noiseAt(place), cut[6]!)
}

/** Fraction within [0, 1] that fades to its mean in pixels wider than the pattern. */
function blurred(share: number, width: number): number {
  const within = share < 0 ? 0 : share > 1 ? 1 : share
  if (width <= 0.5) return within
  return width >= 1.5 ? 0.5 : 0.5 + (within - 0.5) * (1.5 - width)
}
