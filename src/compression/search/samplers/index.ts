import type { Space } from '../parameter.ts'
import { evolutionSampler } from './evolution.ts'
import { gridSampler } from './grid.ts'
import { drawUniformly, randomSampler } from './random.ts'
import type { Sampler } from './sampler.ts'
import { tpeSampler } from './tpe.ts'

/** The samplers by name, for a space. */
export const samplers = {
  random: () => randomSampler(),
  grid: gridSampler,
  tpe: () => tpeSampler(),
  evolution: () => evolutionSampler(),
} as const satisfies Readonly<Record<string, (space: Space) => Sampler>>

export type SamplerName = keyof typeof samplers

export type { Question, Sampler } from './sampler.ts'
export { drawUniformly, evolutionSampler, gridSampler, randomSampler, tpeSampler }
