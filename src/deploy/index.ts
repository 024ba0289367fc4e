export type { CameraPixels } from '../data/images/index.ts'
export { type Adapter, requireAdapterFits, type TrainedAdapter } from './adapter.ts'
export { readAdapter, writeAdapter, writeAdapterConfig } from './adapter-files.ts'
export {
  type Bundle,
  type BundleOptions,
  descriptionFiles,
  type FamilyOptions,
  type ModelDescription,
  weightsFile,
  writeBundle,
  writeModelFiles,
} from './bundle.ts'
export { bundleDigest } from './bundle-digest.ts'
export { CaptionRuntime, type WrittenCaption } from './caption-runtime.ts'
export type { CheckpointChoice } from './checkpoint-choice.ts'
export { DualEncoderRuntime } from './dual-encoder-runtime.ts'
export { ImageIndex, type IndexState } from './image-index.ts'
export {
  type ImageOptions,
  type ImageProcessing,
  imageOptionsOf,
  imageProcessingOf,
} from './image-processing.ts'
export type { RuntimeOptions } from './load-graphs.ts'
export { type LoadedMaskedModel, loadMaskedModel } from './load-masked.ts'
export { readLogitScale } from './logit-scale.ts'
export { modelDigests, modelFiles } from './model-files.ts'
export { exportedGraphs, onnxFiles } from './onnx-files.ts'
export {
  type NamedClass,
  type Observation,
  PolicyRuntime,
  type PolicyRuntimeOptions,
  type Prediction,
} from './policy-runtime.ts'
export { readBundle, readImageProcessing, readModelConfig, readModelDescription } from './read-bundle.ts'
export { readTextTower } from './read-text-tower.ts'
export { leftOutNote, type Weights } from './weights.ts'
