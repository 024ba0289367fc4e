export { ClipModel } from './clip/clip-model.ts'
export { type ClipConfig, clipConfig } from './clip/config.ts'
export {
  type DualEncoderOptions,
  dualEncoder,
  type Vocabulary,
  withVocabulary,
} from './clip/dual-encoder-config.ts'
export type { DualEncoder, DualEncoderConfig } from './dual-encoder.ts'
export { DualEncoderPrograms } from './dual-encoder-programs.ts'
export { type SiglipConfig, siglipConfig } from './siglip/config.ts'
export { SiglipModel } from './siglip/siglip-model.ts'
