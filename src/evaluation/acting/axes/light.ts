import { randomizeLights } from '../../../world/index.ts'
import { type Axis, levelsOf, type Severity } from './axis.ts'

/** Factor of all light or its inverse, degrees by which the lamp is turned about the vertical, and its height. */
const steps: Readonly<Record<Severity, readonly [factor: number, turn: number, height: number]>> = {
  1: [1.15, 15, 58],
  2: [1.3, 35, 52],
  3: [1.6, 60, 45],
  4: [2, 100, 35],
  5: [2.5, 150, 25],
}

/** Other light: brighter or darker, from another side, and lower, so that shadows are longer. */
export const light: Axis = {
  title: 'Light',
  levels: levelsOf((severity) => {
    const [factor, turn, height] = steps[severity]
    return `${factor} times as bright or dark, the lamp turned by ${turn}° and ${height}° high`
  }),
  settings: ['table', 'floor'],
  moves: false,
  perturb(_, severity, random) {
    const [factor, turn, height] = steps[severity]
    const brightness = random.chance(0.5) ? factor : 1 / factor
    const side = random.chance(0.5) ? turn : -turn
    const fixed = <T extends number>(value: T): [T, T] => [value, value]
    const ranges = {
      brightness: fixed(brightness),
      contrast: fixed(1),
      saturation: fixed(1),
      hue: fixed(0),
      tint: fixed(0),
      azimuth: fixed(side),
      elevation: fixed(height),
    }
    return { change: (scene) => randomizeLights(scene, ranges, random.clone()) }
  },
}
