import { type Axis, levelsOf, type Severity } from './axis.ts'

/** Standard deviation of the noise, where 1 is full white. */
const steps: Readonly<Record<Severity, number>> = { 1: 0.02, 2: 0.05, 3: 0.1, 4: 0.15, 5: 0.25 }

/** A noisy sensor: independent Gaussian noise in every colour of every pixel. */
export const noise: Axis = {
  title: 'Sensor noise',
  levels: levelsOf((severity) => `standard deviation ${steps[severity]} of full white`),
  settings: ['table', 'floor'],
  moves: false,
  perturb: (_, severity) => ({
    change: (scene) => ({ ...scene, camera: { ...scene.camera, noise: steps[severity] } }),
  }),
}
