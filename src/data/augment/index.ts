export { type ColorJitter, colorJitter } from './color-jitter.ts'
export {
  type CenterCrop,
  centerCrop,
  type RandomResizedCrop,
  type Resize,
  randomResizedCrop,
  resize,
} from './crop.ts'
export { type GaussianBlur, gaussianBlur } from './gaussian-blur.ts'
export { type HorizontalFlip, horizontalFlip } from './horizontal-flip.ts'
export { leastVisiblePart } from './move-labels.ts'
export {
  type ChannelStatistics,
  clipStatistics,
  imageNetStatistics,
  type Normalize,
  normalize,
} from './normalize.ts'
export { type RandomAffine, type Rotation, randomAffine, rotation } from './random-affine.ts'
export { type RandomBackground, randomBackground } from './random-background.ts'
export { type RandomErasing, randomErasing } from './random-erasing.ts'
export { type RandomGrayscale, randomGrayscale } from './random-grayscale.ts'
export {
  applyTransforms,
  evaluationTransforms,
  type ImageTransform,
  imageTransforms,
  outputSize,
  requireLabelsFollow,
  type Transformed,
  type TransformOptions,
} from './registry.ts'
