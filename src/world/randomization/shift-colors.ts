import type { Random } from '../../core/index.ts'
import { type Color, rotateHue, saturate } from '../../data/index.ts'
import type { Light, RenderObject, RenderScene } from '../renderer/index.ts'
import type { Randomization } from './randomization.ts'

/**
 * Change the saturation of all colours of a scene, then turn all alike on the colour wheel, as the image transforms do.
 * Lamps have weak colours, so the effect shows in the materials.
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
