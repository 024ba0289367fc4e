import type { Color } from '../../data/index.ts'
import { linear } from './linear-color.ts'
import { dielectric, fifthPower, reflectionOf } from './reflection.ts'
import type { RenderScene } from './render-scene.ts'
import type { Solid } from './solid.ts'
import type { Surfaces } from './surfaces.ts'
import { dot, subtract } from './vector.ts'

/** Fraction of the ambient light that comes from below; from above comes all of it. */
const fromBelow = 0.5

/** Fraction of the lamps' light that a room reflects: matt surfaces hardly show it, metals mirror it. */
const thrownBack = 0.3

/**
 * Write the ambient light that surfaces reflect to the eye, and the background: linear, [pixels, 3]. Surroundings are
 * bright above and darker below. Matt surfaces see half of them; metals and, at grazing angles, all smooth surfaces
 * mirror them, the sharper the smoother.
 */
export function illuminateBySurroundings(
  scene: RenderScene,
  solids: readonly Solid[],
  surfaces: Surfaces,
  out: Float32Array,
): void {
  const light = linear(scene.ambient)
  const image = withThrownBack(light, scene)
  const sky = linear(scene.background)
  const reflections = solids.map(reflectionOf)
  const { solid, red, green, blue, normalX, normalY, normalZ, viewX, viewY, viewZ } = surfaces
  for (let pixel = 0; pixel < solid.length; pixel++) {
    const number = solid[pixel]!
    if (number < 0) {
      out[3 * pixel] = sky[0]
      out[3 * pixel + 1] = sky[1]
      out[3 * pixel + 2] = sky[2]
      continue
    }
    const { roughness, metalness } = reflections[number]!
    const vz = viewZ[pixel]!
    const nz = normalZ[pixel]!
    const facing = Math.abs(normalX[pixel]! * viewX[pixel]! + normalY[pixel]! * viewY[pixel]! + nz * vz)
    const grazing = fifthPower(1 - facing)
    const matt = (1 - metalness) * skyLight(nz, 1)
    const mirrored = skyLight(2 * facing * nz - vz, 0.1 + roughness)
    const coat = mirrored * (dielectric * (1 - metalness) + (1 - roughness) * grazing)
    const metal = mirrored * metalness * (1 - grazing)
    out[3 * pixel] = light[0] * matt * red[pixel]! + image[0] * (metal * red[pixel]! + coat)
    out[3 * pixel + 1] = light[1] * matt * green[pixel]! + image[1] * (metal * green[pixel]! + coat)
    out[3 * pixel + 2] = light[2] * matt * blue[pixel]! + image[2] * (metal * blue[pixel]! + coat)
  }
}

/** Ambient light with the reflected light of the lamps; for a spot light, its rest at the camera. */
function withThrownBack(ambient: Color, { lights, camera }: RenderScene): Color {
  const sum: [number, number, number] = [...ambient]
  for (const light of lights) {
    const offset = light.kind === 'spot' ? subtract(light.position, camera.position) : undefined
    const strength = light.intensity / Math.max(1, offset === undefined ? 1 : dot(offset, offset))
    for (const [channel, value] of linear(light.color).entries())
      sum[channel]! += thrownBack * strength * value
  }
  return sum
}

/** Ambient light from directions about one with z = `up`, blurred over ± `blur`. */
function skyLight(up: number, blur: number): number {
  const t = 0.5 + (0.5 * up) / blur
  const within = t < 0 ? 0 : t > 1 ? 1 : t
  return fromBelow + (1 - fromBelow) * within
}
