export type { CameraPixels } from '../data/images/index.ts'
export type { ActingOptions, Action, RobotObservation } from './acting/acting.ts'
export type { EnvelopeOptions, Violation } from './acting/envelope.ts'
export type { JointState } from './acting/joint-state.ts'
export { type Latency, type LatencyOptions, LatencyWindow } from './acting/latency.ts'
export { type Adapter, requireAdapterFits, type TrainedAdapter } from './adapter.ts'
export { readAdapter, writeAdapter, writeAdapterConfig } from './adapter-files.ts'
export {
  type Bundle,
  type BundleOptions,
  compressionFiles,
  descriptionFiles,
  type FamilyOptions,
  type ModelDescription,
  requireReplaceableBundle,
  weightsFile,
  writeBundle,
  writeModelFiles,
} from './bundle.ts'
export { bundleDigest } from './bundle-digest.ts'
export { CaptionRuntime, type WrittenCaption } from './caption-runtime.ts'
export type { CheckpointChoice } from './checkpoint-choice.ts'
export type { ChunkObservation } from './chunks/chunk-inputs.ts'
export {
  type ChunkAction,
  ChunkPolicyRuntime,
  type ChunkRuntimeOptions,
} from './chunks/chunk-policy-runtime.ts'
export {
  type ActionStream,
  AsynchronousChunks,
  type AsynchronousOptions,
  blended,
  ensembledChunks,
  type Predict,
  queuedChunks,
} from './chunks/chunk-stream.ts'
export { jerks, type SeamJerk, seamJerk } from './chunks/jerk.ts'
export { type Chunk, TemporalEnsembler } from './chunks/temporal-ensembler.ts'
export { type CompressionRecord, compressionFile, readCompression } from './compression-file.ts'
export { DualEncoderRuntime } from './dual-encoder-runtime.ts'
export { exportedGraphs } from './exported-graphs.ts'
export { type FrameSize, framesGraph, framesGraphName } from './frames-graph.ts'
export { writeGraphBundle } from './graph-bundle.ts'
export { ImageIndex, type IndexState } from './image-index.ts'
export {
  type ImageOptions,
  type ImageProcessing,
  imageOptionsOf,
  imageProcessingOf,
} from './image-processing.ts'
export { writeLeRobotPolicy } from './lerobot/write-lerobot.ts'
export type { RuntimeOptions } from './load-graphs.ts'
export { type LoadedMaskedModel, loadMaskedModel } from './load-masked.ts'
export { type LogitTerms, readLogitScale, readLogitTerms } from './logit-scale.ts'
export { Manifest, manifestFile, verifyBundle, writeManifest } from './manifest.ts'
export { modelDigests, modelFiles } from './model-files.ts'
export { onnxFiles } from './onnx-files.ts'
export {
  type Observation,
  PolicyRuntime,
  type PolicyRuntimeOptions,
} from './policy-runtime.ts'
export type { NamedClass, Prediction } from './prediction.ts'
export { readBundle, readImageProcessing, readModelConfig, readModelDescription } from './read-bundle.ts'
export { readTextTower } from './read-text-tower.ts'
export { type FileGraph, type GraphPass, type WeightedGraph, weightedGraphs } from './weighted-graphs.ts'
export { leftOutNote, type Weights } from './weights.ts'
