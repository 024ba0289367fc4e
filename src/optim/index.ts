export { type AdamWOptions, adamW } from './adamw.ts'
export type { Optimizer, UpdateInput } from './optimizer.ts'
export {
  type CosineWarmRestartsOptions,
  constant,
  cosine,
  cosineWarmRestarts,
  type DecayOptions,
  linear,
  type RunLength,
  type Schedule,
  type WarmUpOptions,
} from './schedule.ts'
