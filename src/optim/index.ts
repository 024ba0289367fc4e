export { type AdamWOptions, adamW } from './adamw.ts'
export { type Ema, type EmaOptions, ema } from './ema.ts'
export { clipFactor, sumOfSquares } from './gradient-clipping.ts'
export { layerDecayRules } from './layer-decay.ts'
export { type LionOptions, lion } from './lion.ts'
export { initialLossScale, type LossScale, nextLossScale } from './loss-scale.ts'
export { type MuonOptions, muon } from './muon.ts'
export type { MatrixRule, Optimizer, UpdateInput } from './optimizer.ts'
export {
  decaysByDefault,
  type ParameterGroup,
  type ParameterRule,
  parameterGroups,
} from './parameter-groups.ts'
export { matchPattern } from './path-pattern.ts'
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
export { type SgdOptions, sgd } from './sgd.ts'
export { type PlacedMatrix, updateStacked } from './stacked-matrices.ts'
