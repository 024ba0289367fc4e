import { float32 } from '../core/index.ts'
import { input, type Tensor } from '../graph/index.ts'
import { namedParameters } from '../nn/index.ts'
import type { Model, ParameterValues } from './family.ts'

/** A model with an image tower and a text tower in one shared space, as contrastive training needs it. */
export interface DualEncoder extends Model {
  /** [batch, channels, height, width] → [batch, projection], not normalized. */
  encodeImage(pixelValues: Tensor): Tensor
  /** [batch, length] int64 (and a 0/1 mask of the same shape) → [batch, projection], not normalized. */
  encodeText(inputIds: Tensor, attentionMask?: Tensor): Tensor
  /** The factor of the similarities, a scalar: exp of the learned logarithm; CLIP's is at most 100. */
  scale(): Tensor
  /** The offset of the similarities in the sigmoid loss; undefined for CLIP. */
  bias(): Tensor | undefined
}

/**
 * A dual encoder whose text feature is a linear map of what its tower makes of a text: a frozen tower's part can be
 * computed once while the map learns.
 */
export interface ProjectsTexts extends DualEncoder {
  /** [batch, length] int64 (and a 0/1 mask of the same shape) → [batch, width], before the projection. */
  poolText(inputIds: Tensor, attentionMask?: Tensor): Tensor
  /** [batch, width] → [batch, projection]. */
  projectText(pooled: Tensor): Tensor
}

/** Tell a dual encoder with a projection of its texts. */
export const projectsTexts = (model: DualEncoder): model is ProjectsTexts =>
  'poolText' in model && 'projectText' in model

/** Tell a model that encodes images and texts, of any family. */
export const isDualEncoder = (model: Model): model is DualEncoder =>
  'encodeImage' in model && 'encodeText' in model

/** Width of the space that a dual encoder's images and texts share. */
export function featureWidth(model: DualEncoder): number {
  namedParameters(model) // gives the leaves of the graph their names
  const { size, channels } = model.inputs.image
  return model.encodeImage(input('pixelValues', [1, channels, size, size])).shape[1]!
}

/** The logarithm of the largest factor of similarities. */
const largestLogarithm = Math.log(100)

/**
 * exp(logarithm), at most 100 (Radford et al. 2021, section 2.5). Above the limit the gradient still reaches the
 * parameter, so that it can come back down.
 */
export function clampedScale(logarithm: Tensor): Tensor {
  const excess = logarithm.sub(largestLogarithm).relu().detach()
  return logarithm.sub(excess).exp()
}

/**
 * Weights whose `logit_scale` is at most what {@link clampedScale} makes of it: the factor never exceeds 100 while it
 * learns, but its parameter may, and Hugging Face's models have no limit.
 */
export function limitScale(weights: ParameterValues): ParameterValues {
  const logarithm = weights.get('logit_scale')?.data[0] ?? 0
  if (logarithm <= largestLogarithm) return weights
  return new Map(weights).set('logit_scale', float32([], [largestLogarithm]))
}
