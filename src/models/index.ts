export { ClipModel } from './clip/clip-model.ts'
export { type ClipConfig, clipConfig } from './clip/config.ts'
export {
  type DualEncoderOptions,
  dualEncoder,
  type TowerSizes,
  type Vocabulary,
  withVocabulary,
} from './clip/dual-encoder-config.ts'
export type { DualEncoder, DualEncoderConfig } from './dual-encoder.ts'
export { DualEncoderPrograms } from './dual-encoder-programs.ts'
export { buildModel, isPolicy, type Model, type ModelConfig } from './model.ts'
export { type HeadConfig, labelsOf, type PolicyConfig, policyConfig } from './policy/config.ts'
export { type Drop, keepAll } from './policy/dropout.ts'
export type { HeadOutputs } from './policy/head.ts'
export { type PolicyOptions, policy } from './policy/policy-config.ts'
export { PolicyModel, type PolicyOutputs } from './policy/policy-model.ts'
export {
  type HeadValues,
  outputsByName,
  PolicyPrograms,
  type PolicyValues,
} from './policy/policy-programs.ts'
export type { Recompute } from './recompute.ts'
export { type SiglipConfig, siglipConfig } from './siglip/config.ts'
export { type SiglipOptions, siglip } from './siglip/siglip-config.ts'
export { SiglipModel } from './siglip/siglip-model.ts'
