export { binaryCrossEntropyWithLogits } from './binary-cross-entropy.ts'
export { boxOverlapErrors, boxOverlapLoss } from './box-overlap.ts'
export { chunkLoss, gaussianDivergence } from './chunk-losses.ts'
export { type ContrastiveLossOptions, contrastiveLoss, contrastiveLosses } from './contrastive.ts'
export {
  type CrossEntropyOptions,
  crossEntropies,
  crossEntropy,
  crossEntropySoft,
  softCrossEntropies,
} from './cross-entropy.ts'
export { featureDistances, relationalDistances } from './feature-distillation.ts'
export { groundingErrors, groundingLoss } from './grounding.ts'
export { maskedPatchErrors, normalizedPatches } from './masked-patches.ts'
export {
  type ContrastiveTargets,
  type Mixture,
  matchingLabels,
  matchingPairs,
  matchingTargets,
  mixedLabels,
  mixedTargets,
  textNumbers,
} from './matching.ts'
export { meanSquaredError, squaredErrors } from './mean-squared-error.ts'
export { rotationErrors, rotationLoss } from './rotation.ts'
export { type SiglipLossOptions, siglipLoss, siglipLosses } from './siglip.ts'
export { affinityLosses, interactiveLosses, similarityDivergences } from './similarity-distillation.ts'
export { smoothL1, smoothL1Errors } from './smooth-l1.ts'
export { attentionDivergences, softenedDivergences } from './softened-divergence.ts'
export { uncertaintyWeighting } from './uncertainty-weighting.ts'
