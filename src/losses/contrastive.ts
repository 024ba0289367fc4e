import type { Tensor } from '../graph/index.ts'
import { softCrossEntropies } from './cross-entropy.ts'
import { distinctConcepts, matchingTargets } from './matching.ts'
import { similarities } from './similarities.ts'

export interface ContrastiveLossOptions {
  /** Factor of the similarities, 1/temperature: one positive number, exponentiated and clamped already. */
  readonly logitScale: Tensor
  /**
   * How much each text belongs to each image: [batch, batch] whose rows sum to 1, usually from `matchingTargets`.
   * Default: image i belongs to text i alone.
   */
  readonly targets?: Tensor
  /** How much each image belongs to each text; default the transpose, whose rows must then sum to 1 as well. */
  readonly textTargets?: Tensor
}

/**
 * Symmetric InfoNCE (van den Oord et al. 2018; Radford et al. 2021, figure 3): with logits = scale · image · textᵀ,
 * the mean of two cross entropies, of each image over the texts and of each text over the images.
 *
 * @param imageFeatures [batch, width], L2-normalized.
 * @param textFeatures [batch, width], L2-normalized; text i belongs to image i.
 * @returns A scalar; log(batch) when nothing is told apart.
 * @throws ShapeError `shape/contrastiveLoss`.
 */
export function contrastiveLoss(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  options: ContrastiveLossOptions,
): Tensor {
  const { byImage, byText } = crossEntropies(imageFeatures, textFeatures, options)
  return byImage.mean().add(byText.mean()).mul(0.5)
}

/**
 * The same for each pair: the mean of its image's and its text's cross entropy. Their mean is the loss.
 *
 * @returns [batch]
 * @throws as {@link contrastiveLoss}.
 */
export function contrastiveLosses(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  options: ContrastiveLossOptions,
): Tensor {
  const { byImage, byText } = crossEntropies(imageFeatures, textFeatures, options)
  return byImage.add(byText).mul(0.5)
}

/** Of each image over the texts and of each text over the images: [batch] each. */
function crossEntropies(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  {
    logitScale,
    targets = matchingTargets(distinctConcepts(imageFeatures.shape[0]!)),
    textTargets = targets.transpose(),
  }: ContrastiveLossOptions,
): { byImage: Tensor; byText: Tensor } {
  const logits = similarities('contrastiveLoss', imageFeatures, textFeatures, logitScale, targets)
  return {
    byImage: softCrossEntropies(logits, targets),
    byText: softCrossEntropies(logits.transpose(), textTargets),
  }
}
