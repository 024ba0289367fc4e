import { rearrangedScene } from '../../../world/index.ts'
import { type Axis, levelsOf, type Severity } from './axis.ts'

/** Centimetres at the table by which each object moves, three times as many on the floor, and further objects. */
const steps: Readonly<Record<Severity, readonly [centimetres: number, distractors: number]>> = {
  1: [1, 1],
  2: [2, 1],
  3: [3, 2],
  4: [4, 2],
  5: [5, 3],
}

/** The objects elsewhere, among more objects that no command names, where there is room; commands keep their meaning. */
export const layout: Axis = {
  title: 'Layout',
  levels: levelsOf((severity) => {
    const [centimetres, distractors] = steps[severity]
    return `objects moved by ${centimetres} cm (on the floor ${3 * centimetres}), ${distractors} more`
  }),
  settings: ['table', 'floor'],
  moves: true,
  perturb({ scene }, severity, random, world) {
    const [centimetres, distractors] = steps[severity]
    const distance = (centimetres / 100) * (scene.setting === 'floor' ? 3 : 1)
    const { tableHeight } = world.simulation
    return { scene: rearrangedScene(scene, { distance, distractors, tableHeight }, random) }
  },
}
