import type { Tensor } from '../graph/index.ts'
import { softCrossEntropies } from './cross-entropy.ts'
import { distinctConcepts, matchingTargets } from './matching.ts'
import { similarities } from './similarities.ts'

export interface ContrastiveLossOptions {
  /** Factor of the similarities, 1/temperature: one positive number, exponentiated and clamped already. */
  readonly logitScale: Tensor
  /**
   * Share of each text in each image's target: [batch, batch], rows sum to 1, usually from `matchingTargets`.
   * Default: image i belongs to text i alone.
   */
  readonly targets?: Tensor
  /**
   * Share of each image in each text's target. Default: the transpose of `targets`, whose rows must then sum to 1
   * too.
   */
  readonly textTargets?: Tensor
}

/**
 * Symmetric InfoNCE (van den Oord et al. 2018; Radford et al. 2021, figure 3): with logits = scale · image · textᵀ,
 * the mean of two cross entropies: images over texts, and texts over images.
 *
 * @param imageFeatures [batch, width], L2-normalized.
 * @param textFeatures [batch, width], L2-normalized; text i belongs to image i.
 * @returns A scalar; log(batch) when all features are equal.
 * @throws ShapeError `shape/contrastiveLoss`.
 */
export function contrastiveLoss(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  options: ContrastiveLossOptions,
): Tensor {
  const { byImage, byText } = contrastiveDirections(imageFeatures, textFeatures, options)
  return byImage.mean().add(byText.mean()).mul(0.5)
}

/**
 * Loss of each pair: the mean of its image's and its text's cross entropy. The mean over pairs is
 * {@link contrastiveLoss}.
 *
 * @returns [batch]
 * @throws as {@link contrastiveLoss}.
 */
export function contrastiveLosses(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  options: ContrastiveLossOptions,
): Tensor {
  const { byImage, byText } = contrastiveDirections(imageFeatures, textFeatures, options)
  return byImage.add(byText).mul(0.5)
}

/** Cross entropies of images over texts, and of texts over images: [batch] each. */
export function contrastiveDirections(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  {
    logitScale,
    targets = matchingTargets(distinctConcepts(imageFeatures.shape[0]!)).targets,
    textTargets = targets.transpose(),
  }: ContrastiveLossOptions,
): { byImage: Tensor; byText: Tensor } {
  const logits = similarities('contrastiveLoss', imageFeatures, textFeatures, logitScale, targets)
  return {
    byImage: softCrossEntropies(logits, targets),
    byText: softCrossEntropies(logits.transpose(), textTargets),
  }
}
