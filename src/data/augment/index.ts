export {
  applyTransforms,
  type Transformed,
  type TransformOptions,
  viewArrays,
} from './apply-transforms.ts'
export { type ColorJitter, colorJitter } from './color-jitter.ts'
export { rotateHue, saturate } from './color-operations.ts'
export { type Corruption, type CorruptionName, corruption, corruptionNames } from './corruption.ts'
export {
  type CenterCrop,
  centerCrop,
  type RandomResizedCrop,
  type Resize,
  randomResizedCrop,
  resize,
} from './crop.ts'
export { type DefocusBlur, defocusBlur } from './defocus-blur.ts'
export type { Eye } from './following-eye.ts'
export { type GaussianBlur, gaussianBlur } from './gaussian-blur.ts'
export { type HorizontalFlip, horizontalFlip } from './horizontal-flip.ts'
export { type LightDirection, lightDirection } from './light-direction.ts'
export { leastVisiblePart } from './move-labels.ts'
export { type MultiCrop, multiCrop } from './multi-crop.ts'
export {
  type ChannelStatistics,
  clipStatistics,
  imageNetStatistics,
  type Normalize,
  normalize,
} from './normalize.ts'
export { type RandAugment, randAugment } from './rand-augment.ts'
export { type RandomAffine, type Rotation, randomAffine, rotation } from './random-affine.ts'
export { type RandomBackground, randomBackground } from './random-background.ts'
export { type RandomErasing, randomErasing } from './random-erasing.ts'
export { type RandomGrayscale, randomGrayscale } from './random-grayscale.ts'
export {
  centralPart,
  evaluationTransforms,
  type ImageTransform,
  imageTransforms,
  outputSize,
  requireCropsFit,
  requireLabelsFollow,
  takesSize,
} from './registry.ts'
export { type SensorNoise, sensorNoise } from './sensor-noise.ts'
export type { Drawn } from './transform.ts'
export { domainRandomization, standardAugmentation } from './transform-lists.ts'
