export {
  type Bundle,
  type FamilyOptions,
  type ModelDescription,
  weightsFile,
  writeBundle,
  writeModelFiles,
} from './bundle.ts'
export type { CheckpointChoice } from './checkpoint-choice.ts'
export { DualEncoderRuntime, type RuntimeOptions } from './dual-encoder-runtime.ts'
export {
  type ImageOptions,
  type ImageProcessing,
  imageOptionsOf,
  imageProcessingOf,
} from './image-processing.ts'
export { type CameraPixels, type Observation, PolicyRuntime, type Prediction } from './policy-runtime.ts'
export { readBundle, readModelConfig } from './read-bundle.ts'
export type { Weights } from './weights.ts'
