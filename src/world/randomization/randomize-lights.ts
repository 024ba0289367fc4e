import type { Random } from '../../core/index.ts'
import { type Color, rotateHue } from '../../data/index.ts'
import { type Light, linear, type RenderScene, srgb, type Vector3 } from '../renderer/index.ts'
import type { Randomization } from './randomization.ts'

/**
 * Vary the light of a scene: its brightness, the contrast of lamps to ambient light, and each lamp's colour and place
 * in the sky.
 */
export function randomizeLights(
  scene: RenderScene,
  { brightness, contrast, tint, azimuth, elevation }: Randomization['lighting'],
  random: Random,
): RenderScene {
  const bright = random.uniform(...brightness)
  const strong = random.uniform(...contrast)
  const ambient = linear(scene.ambient)
  const from = (part: number) => srgb(part * (bright / strong))
  return {
    ...scene,
    ambient: [from(ambient[0]), from(ambient[1]), from(ambient[2])],
    lights: scene.lights.map((light) => {
      const turned = turn(light, random.uniform(...azimuth), random.uniform(...elevation), scene)
      const color = tinted(light.color, random.uniform(...tint), random.uniform(0, 1))
      return { ...turned, color, intensity: light.intensity * bright * strong }
    }),
  }
}

/** Filter a lamp's colour: take `part` of all but one hue, `turns` of the wheel from red. */
function tinted(color: Color, part: number, turns: number): Color {
  const hue = Float32Array.of(1, 0, 0)
  rotateHue(hue, turns)
  const [red, green, blue] = linear(color)
  const passes = (channel: number): number => 1 - part * (1 - hue[channel]!)
  return [srgb(red * passes(0)), srgb(green * passes(1)), srgb(blue * passes(2))]
}

/** Turn a lamp by `azimuth` about the vertical, to `elevation` above the horizon; degrees. */
function turn(light: Light, azimuth: number, elevation: number, scene: RenderScene): Light {
  const [x, y, z] = light.direction
  const heading = Math.atan2(y, x) + radians(azimuth)
  const length = Math.hypot(x, y, z)
  const across = length * Math.cos(radians(elevation))
  const direction: Vector3 = [
    across * Math.cos(heading),
    across * Math.sin(heading),
    -length * Math.sin(radians(elevation)),
  ]
  if (light.kind === 'directional') return { ...light, direction }
  const reach = distanceToObjects(light.position, light.direction, scene) / length
  const at = (axis: 0 | 1 | 2): number =>
    light.position[axis] + reach * (light.direction[axis] - direction[axis])
  return { ...light, direction, position: [at(0), at(1), at(2)] }
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Distance along a spot light's axis to the place nearest to the middle of the objects, the pivot of its rotation. */
function distanceToObjects(position: Vector3, direction: Vector3, { objects }: RenderScene): number {
  const length = Math.hypot(...direction)
  const along = objects.map((object) =>
    object.position.reduce((sum, place, axis) => sum + (place - position[axis]!) * direction[axis]!, 0),
  )
  const mean = along.reduce((sum, distance) => sum + distance, 0) / Math.max(1, along.length)
  return Math.max(0, mean / length)
}
