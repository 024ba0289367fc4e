import type { Random } from '../../../core/index.ts'
import type { Color } from '../../../data/index.ts'
import { type Material, type RenderObject, surroundings, type Texture } from '../../../world/index.ts'
import { type Axis, levelsOf, type Severity } from './axis.ts'

/** Part of another colour in each surface, and probability of a pattern. */
const steps: Readonly<Record<Severity, readonly [part: number, pattern: number]>> = {
  1: [0.15, 0.2],
  2: [0.3, 0.4],
  3: [0.5, 0.6],
  4: [0.7, 0.8],
  5: [0.9, 1],
}

const patterns: readonly Texture['kind'][] = ['checks', 'wood', 'noise']

/**
 * Other surfaces of all but the objects: table, floor, room and robot take muted colours, and some patterns. Surfaces of
 * one colour stay alike.
 */
export const background: Axis = {
  title: 'Background',
  levels: levelsOf((severity) => {
    const [part, pattern] = steps[severity].map((fraction) => Math.round(100 * fraction))
    return `surfaces ${part} % of another colour, ${pattern} % of them with a pattern`
  }),
  settings: ['table', 'floor'],
  moves: false,
  perturb(_, severity, random) {
    const [part, pattern] = steps[severity]
    return {
      change(scene) {
        const stream = random.clone()
        const drawn = new Map<string, Material>()
        const repainted = (object: RenderObject): RenderObject => {
          if (object.id !== surroundings) return object
          const key = String(object.material.color)
          const material = drawn.get(key) ?? repaint(object.material, part, pattern, stream)
          drawn.set(key, material)
          return { ...object, material }
        }
        const wall = mixed(scene.background, muted(stream), part)
        return { ...scene, background: wall, objects: scene.objects.map(repainted) }
      },
    }
  },
}

function repaint(material: Material, part: number, pattern: number, random: Random): Material {
  const color = mixed(material.color, muted(random), part)
  const texture = {
    kind: random.pick(patterns),
    scale: random.uniform(0.02, 0.1),
    color: mixed(color, muted(random), 0.5),
  }
  return random.chance(pattern) ? { ...material, color, texture } : { ...material, color }
}

/** A colour that none of the objects has: theirs are vivid. */
const muted = (random: Random): Color => [
  random.uniform(0.3, 0.75),
  random.uniform(0.3, 0.75),
  random.uniform(0.3, 0.75),
]

function mixed(from: Color, to: Color, part: number): Color {
  const mix = (channel: 0 | 1 | 2): number => from[channel] + part * (to[channel] - from[channel])
  return [mix(0), mix(1), mix(2)]
}
