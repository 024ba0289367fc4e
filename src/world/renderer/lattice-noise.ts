import { random } from '../../core/index.ts'

/**
 * Period of the value noise in each direction: random numbers at whole coordinates, smoothly blended between them. The
 * numbers are the same in every run; only the object's origin varies.
 */
const period = 16
const last = period - 1

const values = (() => {
  const stream = random(0, 'world', 'lattice noise')
  return Float32Array.from({ length: period ** 3 }, () => stream.uniform(-1, 1))
})()

/** Argument of the noise, x, y, z, in an array: passed so, numbers need no boxing. */
export const place = new Float64Array(3)

/** Noise at a place, in [−1, 1]. */
export function noiseAt(at: Float64Array): number {
  const x = at[0]!
  const y = at[1]!
  const z = at[2]!
  const i = Math.floor(x)
  const j = Math.floor(y)
  const k = Math.floor(z)
  const u = smooth(x - i)
  const v = smooth(y - j)
  const w = smooth(z - k)
  const i0 = i & last
  const i1 = (i + 1) & last
  const j0 = (j & last) << 4
  const j1 = ((j + 1) & last) << 4
  const k0 = (k & last) << 8
  const k1 = ((k + 1) & last) << 8
  const front = mix(
    mix(values[k0 + j0 + i0]!, values[k0 + j0 + i1]!, u),
    mix(values[k0 + j1 + i0]!, values[k0 + j1 + i1]!, u),
    v,
  )
  const back = mix(
    mix(values[k1 + j0 + i0]!, values[k1 + j0 + i1]!, u),
    mix(values[k1 + j1 + i0]!, values[k1 + j1 + i1]!, u),
    v,
  )
  return mix(front, back, w)
}

/** Write the derivatives of the noise by x, y and z. */
export function noiseSlope(at: Float64Array, out: Float64Array): void {
  const x = at[0]!
  const y = at[1]!
  const z = at[2]!
  const i = Math.floor(x)
  const j = Math.floor(y)
  const k = Math.floor(z)
  const u = smooth(x - i)
  const v = smooth(y - j)
  const w = smooth(z - k)
  const i0 = i & last
  const i1 = (i + 1) & last
  const j0 = (j & last) << 4
  const j1 = ((j + 1) & last) << 4
  const k0 = (k & last) << 8
  const k1 = ((k + 1) & last) << 8
  // Values on the edges along x, and how they change along it.
  const near = values[k0 + j0 + i0]!
  const down = values[k0 + j1 + i0]!
  const back = values[k1 + j0 + i0]!
  const both = values[k1 + j1 + i0]!
  const nearRise = values[k0 + j0 + i1]! - near
  const downRise = values[k0 + j1 + i1]! - down
  const backRise = values[k1 + j0 + i1]! - back
  const bothRise = values[k1 + j1 + i1]! - both
  const nearX = near + nearRise * u
  const downX = down + downRise * u
  const backX = back + backRise * u
  const bothX = both + bothRise * u
  out[0] = steepness(x - i) * mix(mix(nearRise, downRise, v), mix(backRise, bothRise, v), w)
  out[1] = steepness(y - j) * mix(downX - nearX, bothX - backX, w)
  out[2] = steepness(z - k) * mix(backX - nearX, bothX - downX, v)
}

const mix = (a: number, b: number, part: number): number => a + (b - a) * part

/** 3t² − 2t³: from 0 to 1, level at both ends. */
const smooth = (t: number): number => t * t * (3 - 2 * t)

/** Derivative of `smooth`. */
const steepness = (t: number): number => 6 * t * (1 - t)
