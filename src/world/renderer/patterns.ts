import { noiseAt } from './lattice-noise.ts'
import type { Texture } from './render-scene.ts'

/**
 * The share of the second colour, in [0, 1], at a place of a solid with the normal n; lengths in units of the
 * texture's scale. The pixel covers about `width` of the surface: what is finer than it is drawn as its mean.
 */
export type Pattern = (
  x: number,
  y: number,
  z: number,
  nx: number,
  ny: number,
  nz: number,
  width: number,
) => number

export const patterns: Readonly<Record<Texture['kind'], Pattern>> = { checks, wood, noise }

/**
 * Cubes of edge 1, alternating: the product of three square waves, each of them averaged over the pixel, which
 * extends along an axis by the sine of its angle to the normal.
 */
function checks(x: number, y: number, z: number, nx: number, ny: number, nz: number, width: number): number {
  return (
    0.5 -
    0.5 *
      squareWave(x, width * Math.sqrt(Math.max(0, 1 - nx * nx))) *
      squareWave(y, width * Math.sqrt(Math.max(0, 1 - ny * ny))) *
      squareWave(z, width * Math.sqrt(Math.max(0, 1 - nz * nz)))
  )
}

/** The mean, from t − width/2 to t + width/2, of a wave that is 1 from 0 to 1, −1 from 1 to 2 and so on. */
function squareWave(t: number, width: number): number {
  const reach = width > 1e-6 ? width : 1e-6
  return (rise(t + reach / 2) - rise(t - reach / 2)) / reach
}

/** The integral of that wave: up from 0 to 1, down again from 1 to 2. */
function rise(t: number): number {
  const within = t - 2 * Math.floor(t / 2)
  return within < 1 ? within : 2 - within
}

/** Where the middle of the rings lies: beside the object, so that its faces look like boards. */
const heart = { y: 3.3, z: 7.7 }

/** Rings of width 1 about an axis along x, bent by noise: slowly darker, then quickly light again. */
function wood(x: number, y: number, z: number, _nx: number, _ny: number, _nz: number, width: number): number {
  const fromHeart = Math.sqrt((y + heart.y) ** 2 + (z + heart.z) ** 2)
  const radius = fromHeart + 1.3 * noiseAt(0.12 * x, 0.5 * y, 0.5 * z)
  const t = radius - Math.floor(radius)
  return blurred(t < 0.8 ? t / 0.8 : 5 - 5 * t, width)
}

/** Specks of about size 1 with finer ones among them. */
function noise(
  x: number,
  y: number,
  z: number,
  _nx: number,
  _ny: number,
  _nz: number,
  width: number,
): number {
  const value = noiseAt(x, y, z) + 0.5 * noiseAt(2.1 * x + 5, 2.1 * y + 5, 2.1 * z + 5)
  return blurred(0.5 + 0.7 * value, width)
}

/** A share within [0, 1] that fades to its mean where a pixel is wider than the pattern. */
function blurred(share: number, width: number): number {
  const within = share < 0 ? 0 : share > 1 ? 1 : share
  if (width <= 0.5) return within
  return width >= 1.5 ? 0.5 : 0.5 + (within - 0.5) * (1.5 - width)
}
