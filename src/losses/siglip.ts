import type { Tensor } from '../graph/index.ts'
import { distinctConcepts, matchingLabels } from './matching.ts'
import { similarities } from './similarities.ts'

export interface SiglipLossOptions {
  /** Factor of the similarities: one positive number, exponentiated already. */
  readonly logitScale: Tensor
  /** Number added to the scaled similarities. The paper begins at −10. */
  readonly logitBias: Tensor
  /**
   * 1 where image and text match, −1 where they do not: [batch, batch], usually from `matchingLabels`; in between
   * where they match in part, as a soft target (1 + label) / 2. Default: image i matches text i alone.
   */
  readonly labels?: Tensor
}

/**
 * Sigmoid loss (Zhai et al. 2023, algorithm 1): every image–text pair is a binary decision of its own.
 *
 *     −(1/batch) · Σᵢⱼ log σ(labelᵢⱼ · (scale · imageᵢ · textⱼ + bias))
 *
 * As in the paper, the sum of a row is not divided by the batch: the loss grows with the batch.
 *
 * @param imageFeatures [batch, width], L2-normalized.
 * @param textFeatures [batch, width], L2-normalized; text i belongs to image i.
 * @returns A scalar ≥ 0.
 * @throws ShapeError `shape/siglipLoss`.
 */
export function siglipLoss(imageFeatures: Tensor, textFeatures: Tensor, options: SiglipLossOptions): Tensor {
  return logLikelihoods(imageFeatures, textFeatures, options).sum(1).mean().neg()
}

/**
 * Loss of each pair: the mean of its image's and its text's decisions. The mean over pairs is
 * {@link siglipLoss}.
 *
 * @returns [batch]
 * @throws as {@link siglipLoss}.
 */
export function siglipLosses(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  options: SiglipLossOptions,
): Tensor {
  const decisions = logLikelihoods(imageFeatures, textFeatures, options)
  return decisions.sum(1).add(decisions.sum(0)).mul(-0.5)
}

/** Log-likelihood of every decision: [batch, batch], an image a row. */
function logLikelihoods(
  imageFeatures: Tensor,
  textFeatures: Tensor,
  {
    logitScale,
    logitBias,
    labels = matchingLabels(distinctConcepts(imageFeatures.shape[0]!)),
  }: SiglipLossOptions,
): Tensor {
  const cosines = similarities('siglipLoss', imageFeatures, textFeatures, logitScale, labels)
  const logits = cosines.add(logitBias.reshape([]))
  const matching = labels.add(1).mul(0.5)
  const apart = matching.neg().add(1)
  return logits.logSigmoid().mul(matching).add(logits.neg().logSigmoid().mul(apart))
}
