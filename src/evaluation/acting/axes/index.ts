import type { Axis } from './axis.ts'
import { background } from './background.ts'
import { camera } from './camera.ts'
import { language } from './language.ts'
import { latency } from './latency.ts'
import { layout } from './layout.ts'
import { light } from './light.ts'
import { noise } from './noise.ts'
import { posture } from './posture.ts'

/** Axes of perturbation by name: the seven of LIBERO-plus (Fei et al. 2025), and latency. */
export const axes = { camera, posture, language, light, background, noise, layout, latency } satisfies Record<
  string,
  Axis
>

export type AxisName = keyof typeof axes

export const axisNames = Object.keys(axes) as AxisName[]
