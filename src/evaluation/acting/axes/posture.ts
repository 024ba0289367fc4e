import type { Posture } from '../../../world/index.ts'
import { type Axis, levelsOf, type Severity } from './axis.ts'

/** Greatest change of each joint of the arm, radians. */
const steps: Readonly<Record<Severity, number>> = { 1: 0.05, 2: 0.1, 3: 0.2, 4: 0.35, 5: 0.5 }

/** The arm begins in another posture: each joint is displaced by a part of the severity's angle, within its limits. */
export const posture: Axis = {
  title: 'Start posture',
  levels: levelsOf((severity) => `each joint up to ${steps[severity]} rad away`),
  settings: ['table', 'floor'],
  moves: true,
  perturb(_, severity, random, world) {
    const { elements } = world.simulation
    const moved = elements.arm.map((name) => {
      const { low, high } = world.simulation.element(name)
      const angle = world.simulation.joint(name) + steps[severity] * random.uniform(-1, 1)
      return [name, Math.min(high, Math.max(low, angle))] as const
    })
    return { posture: Object.fromEntries(moved) as Posture }
  },
}
