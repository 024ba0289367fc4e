import { sameShape } from '../core/index.ts'
import { misfit, type Tensor } from '../graph/index.ts'
import { type ContrastiveLossOptions, contrastiveDirections } from './contrastive.ts'
import { softCrossEntropies } from './cross-entropy.ts'
import { requireTemperature, softenedDivergences } from './softened-divergence.ts'

/**
 * Distillation of a dual encoder's similarities: T² · KL of each image over the texts of the batch and of each text over
 * its images, their mean (Hinton et al. 2015; contrastive relational distillation in CLIP-KD, Yang et al. 2024).
 *
 * @param logits Scaled similarities of the student [batch, batch], an image a row.
 * @param teacher Those of the teacher; of several teachers their mean.
 * @returns [batch], each ≥ 0: the mean of the divergences of image i and text i.
 * @throws ShapeError `shape/distillation`, ConfigError `losses/temperature`.
 */
export function similarityDivergences(logits: Tensor, teacher: Tensor, temperature: number): Tensor {
  requireSquare(logits, teacher)
  const byImage = softenedDivergences(logits, teacher, temperature)
  const byText = softenedDivergences(logits.transpose(), teacher.transpose(), temperature)
  return byImage.add(byText).mul(0.5)
}

/**
 * Affinity mimicking (TinyCLIP, Wu et al. 2023, equation 3): cross entropy of the student's affinities with the
 * teacher's, of images to texts and of texts to images. An affinity is the softmax of the scaled similarities; here both
 * may be divided by a temperature. The paper adds both directions, this is their mean, as in `contrastiveLoss`.
 *
 * @param logits Scaled similarities of the student, as of {@link similarityDivergences}.
 * @param teacher Those of the teacher.
 * @param temperature T > 0. Default 1: each model at its own scale.
 * @returns [batch], each at least the entropy of the teacher's affinities.
 * @throws ShapeError `shape/distillation`, ConfigError `losses/temperature`.
 */
export function affinityLosses(logits: Tensor, teacher: Tensor, temperature = 1): Tensor {
  requireSquare(logits, teacher)
  requireTemperature(temperature)
  const own = logits.mul(1 / temperature)
  const known = teacher.mul(1 / temperature)
  const byImage = softCrossEntropies(own, known.softmax())
  const byText = softCrossEntropies(own.transpose(), known.transpose().softmax())
  return byImage.add(byText).mul(0.5)
}

/**
 * Interactive contrastive learning (CLIP-KD, Yang et al. 2024, section 3.3): the student's images find the teacher's texts,
 * and the student's texts the teacher's images. Mean of two cross entropies, each with the student's feature as anchor.
 *
 * @param images Features of the student [batch, width], L2-normalized.
 * @param texts Its features of texts, likewise.
 * @param teacher Features of the teacher of the same width, L2-normalized.
 * @param options as of `contrastiveLoss`.
 * @returns [batch]
 * @throws ShapeError `shape/contrastiveLoss`.
 */
export function interactiveLosses(
  images: Tensor,
  texts: Tensor,
  teacher: { readonly images: Tensor; readonly texts: Tensor },
  options: Required<ContrastiveLossOptions>,
): Tensor {
  const { byImage } = contrastiveDirections(images, teacher.texts, options)
  const { byText } = contrastiveDirections(teacher.images, texts, options)
  return byImage.add(byText).mul(0.5)
}

function requireSquare(logits: Tensor, teacher: Tensor): void {
  if (logits.rank === 2 && logits.shape[0] === logits.shape[1] && sameShape(logits.shape, teacher.shape))
    return
  throw misfit('distillation', [logits, teacher], 'both must be [batch, batch], an image a row')
}
