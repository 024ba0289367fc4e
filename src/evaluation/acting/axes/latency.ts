import { type Axis, levelsOf, type Severity } from './axis.ts'

/** Control steps of 0.1 s. */
const steps: Readonly<Record<Severity, number>> = { 1: 1, 2: 2, 3: 3, 4: 5, 5: 8 }

/**
 * A delay between image and action: the robot drives on while the policy computes, and takes its answer as if it were
 * about the present. At the table the robot rests until the only answer comes, so that a delay changes nothing.
 */
export const latency: Axis = {
  title: 'Latency',
  levels: levelsOf((severity) => `${100 * steps[severity]} ms from image to action`),
  settings: ['floor'],
  tasks: ['navigation'],
  moves: false,
  perturb: (_, severity) => ({ latency: steps[severity] }),
}
