import type { Color } from '../../data/index.ts'
import { linear } from './linear-color.ts'
import { dielectric, fifthPower, reflectionOf } from './reflection.ts'
import type { Light, Vector3 } from './render-scene.ts'
import type { Solid } from './solid.ts'
import type { Surfaces } from './surfaces.ts'
import { normalize, scale } from './vector.ts'

/**
 * Add the light of one lamp that surfaces reflect to the eye. Lambert's law below a coat of microfacets (Cook &
 * Torrance 1982) with the distribution of Walter et al. 2007 (GGX), Schlick's Fresnel term and Karis's fit of Smith's
 * visibility:
 *
 *     (diffuse + D·V·F)·(n·l),   D = α²/((n·h)²(α² − 1) + 1)²,   F = F₀ + (1 − F₀)(1 − l·h)⁵,
 *     V = 1/(2·mix(2(n·l)(n·v), n·l + n·v, α))
 *
 * Intensities are those of a white matt surface, so π is left out of all terms. h is half way between l and v: n·h =
 * (n·l + n·v)/|l + v| and l·h = (1 + l·v)/|l + v|, |l + v|² = 2 + 2 l·v.
 */
export function illuminate(
  light: Light,
  lit: Float32Array,
  solids: readonly Solid[],
  surfaces: Surfaces,
  out: Float32Array,
): void {
  const beam = beamOf(light)
  const reflections = solids.map(reflectionOf)
  const alphas = Float64Array.from(reflections, ({ alpha }) => alpha)
  const metalnesses = Float64Array.from(reflections, ({ metalness }) => metalness)
  const { color, towards, spot } = beam
  const { solid, red, green, blue, normalX, normalY, normalZ, viewX, viewY, viewZ, x, y, z } = surfaces
  for (let pixel = 0; pixel < solid.length; pixel++) {
    const number = solid[pixel]!
    if (number < 0) continue
    const arriving = spot ? lit[pixel]! * aim(beam, x[pixel]!, y[pixel]!, z[pixel]!) : lit[pixel]!
    const lx = towards[0]!
    const ly = towards[1]!
    const lz = towards[2]!
    const nx = normalX[pixel]!
    const ny = normalY[pixel]!
    const nz = normalZ[pixel]!
    const nl = nx * lx + ny * ly + nz * lz
    if (!(nl > 0) || arriving === 0) continue
    const metalness = metalnesses[number]!
    const vx = viewX[pixel]!
    const vy = viewY[pixel]!
    const vz = viewZ[pixel]!
    const nv = Math.max(0.001, nx * vx + ny * vy + nz * vz)
    const lv = lx * vx + ly * vy + lz * vz
    const half = 1 / Math.sqrt(2 + 2 * lv + 1e-9)
    const gloss = highlight(alphas[number]!, nl, nv, (nl + nv) * half)
    const grazing = fifthPower(1 - (1 + lv) * half)
    const coat = arriving * nl * gloss * (dielectric * (1 - metalness) * (1 - grazing) + grazing)
    const own = arriving * nl * (1 - metalness + gloss * metalness * (1 - grazing))
    out[3 * pixel]! += color[0] * (own * red[pixel]! + coat)
    out[3 * pixel + 1]! += color[1] * (own * green[pixel]! + coat)
    out[3 * pixel + 2]! += color[2] * (own * blue[pixel]! + coat)
  }
}

/** Product D·V of the formula. */
function highlight(alpha: number, nl: number, nv: number, nh: number): number {
  const squared = alpha * alpha
  const spread = nh * nh * (squared - 1) + 1
  const visibility = 2 * nl * nv * (1 - alpha) + (nl + nv) * alpha
  return squared / (spread * spread * 2 * visibility)
}

/** Light with the values that its pixels need. */
interface Beam {
  readonly spot: boolean
  /** Linear colour times intensity. */
  readonly color: Color
  readonly position: Vector3
  /** Axis, of length 1. */
  readonly axis: Vector3
  /** Cosines of the angles at which the cone ends and begins to fade. */
  readonly edge: number
  readonly full: number
  /** Direction towards the light from the last surface. */
  readonly towards: Float64Array
}

function beamOf(light: Light): Beam {
  const axis = normalize(light.direction)
  const towards = Float64Array.from(axis, (value) => -value)
  const color = scale(linear(light.color), light.intensity)
  if (light.kind === 'directional') {
    return { spot: false, color, position: [0, 0, 0], axis, edge: 0, full: 0, towards }
  }
  const cosine = (degrees: number) => Math.cos((degrees * Math.PI) / 180)
  return {
    spot: true,
    color,
    position: light.position,
    axis,
    edge: cosine(light.angle),
    full: cosine(0.8 * light.angle),
    towards,
  }
}

/**
 * Point `towards` from a place to a spot light.
 * @returns Light that arrives at the place for intensity 1.
 */
function aim(beam: Beam, x: number, y: number, z: number): number {
  const lx = beam.position[0] - x
  const ly = beam.position[1] - y
  const lz = beam.position[2] - z
  const squared = lx * lx + ly * ly + lz * lz
  const shorten = 1 / Math.sqrt(squared)
  beam.towards[0] = lx * shorten
  beam.towards[1] = ly * shorten
  beam.towards[2] = lz * shorten
  const inside = -(lx * beam.axis[0] + ly * beam.axis[1] + lz * beam.axis[2]) * shorten
  if (inside <= beam.edge) return 0
  const part = inside >= beam.full ? 1 : (inside - beam.edge) / (beam.full - beam.edge)
  return (part * part * (3 - 2 * part)) / squared
}
