import type { Random } from '../../core/index.ts'
import { type Color, rotateHue, saturate } from '../../data/index.ts'
import type { Light, RenderObject, RenderScene } from '../renderer/index.ts'
import type { Randomization } from './randomization.ts'

/**
 * The scene with all its colours more or less saturated, then all turned alike on the colour wheel, as the image
 * transforms do it. Lamps have weak colours, so it is the materials where this shows.
 */
export function shiftColors(
  scene: RenderScene,
  { saturation, hue }: Randomization['lighting'],
  random: Random,
): RenderScene {
  const factor = random.uniform(...saturation)
  const turns = random.uniform(...hue)
  const shift = (color: Color): Color => shifted(color, factor, turns)
  return {
    ...scene,
    objects: scene.objects.map((object) => shiftObject(object, shift)),
    lights: scene.lights.map((light): Light => ({ ...light, color: shift(light.color) })),
    ambient: shift(scene.ambient),
    background: shift(scene.background),
  }
}

function shiftObject(object: RenderObject, shift: (color: Color) => Color): RenderObject {
  const { color, texture } = object.material
  const material = { ...object.material, color: shift(color) }
  if (texture === undefined) return { ...object, material }
  return { ...object, material: { ...material, texture: { ...texture, color: shift(texture.color) } } }
}

function shifted(color: Color, saturation: number, turns: number): Color {
  const planes = Float32Array.from(color)
  saturate(planes, saturation)
  rotateHue(planes, turns)
  return [planes[0]!, planes[1]!, planes[2]!]
}
