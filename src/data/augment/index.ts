export {
  type CenterCrop,
  centerCrop,
  type RandomResizedCrop,
  type Resize,
  randomResizedCrop,
  resize,
} from './crop.ts'
export { type HorizontalFlip, horizontalFlip } from './horizontal-flip.ts'
export {
  type ChannelStatistics,
  clipStatistics,
  imageNetStatistics,
  type Normalize,
  normalize,
} from './normalize.ts'
export {
  applyTransforms,
  evaluationTransforms,
  type ImageTransform,
  imageTransforms,
  outputSize,
} from './registry.ts'
