import type { Random } from '../../core/index.ts'
import type { Color } from '../../data/index.ts'
import type { Material, RenderObject, Texture } from '../renderer/index.ts'
import type { Randomization } from './randomization.ts'

const kinds: readonly Texture['kind'][] = ['checks', 'wood', 'noise']

/**
 * Vary the surfaces of objects. Render objects with the same id and colour belong together and share one material.
 * Colours stay, and with them the names in commands: a pattern's second colour is a shade of the first.
 */
export function randomizeMaterials(
  objects: readonly RenderObject[],
  ranges: Randomization['materials'],
  random: Random,
): RenderObject[] {
  const drawn = new Map<string, Material>()
  return objects.map((object) => {
    const key = `${object.id} ${object.material.color}`
    const material = drawn.get(key) ?? draw(object.material, ranges, random)
    drawn.set(key, material)
    return { ...object, material }
  })
}

function draw(
  { color, texture: own }: Material,
  { roughness, metalness, bumpStrength, texture, textureScale }: Randomization['materials'],
  random: Random,
): Material {
  const surface = {
    color,
    roughness: random.uniform(...roughness),
    metalness: random.uniform(...metalness),
    bumpStrength: random.uniform(...bumpStrength),
  }
  const patterned = random.chance(texture)
  const pattern = {
    kind: random.pick(kinds),
    scale: logUniform(textureScale, random),
    color: shade(color, random.uniform(0.2, 0.5)),
  }
  if (patterned) return { ...surface, texture: pattern }
  return own === undefined ? surface : { ...surface, texture: own }
}

/** Draw uniformly between the logarithms. */
export function logUniform([low, high]: readonly [number, number], random: Random): number {
  return Math.exp(random.uniform(Math.log(low), Math.log(high)))
}

/** Mix a colour with black, or a dark one with white. */
function shade(color: Color, part: number): Color {
  const target = Math.max(...color) > 0.4 ? 0 : 1
  const mix = (value: number): number => value + part * (target - value)
  return [mix(color[0]), mix(color[1]), mix(color[2])]
}
