import type { Precision } from '../../engine/index.ts'
import { l2Normalize, type Tensor } from '../../graph/index.ts'
import {
  type ContrastiveTargets,
  contrastiveLoss,
  contrastiveLosses,
  type Mixture,
  matchingLabels,
  matchingTargets,
  mixedLabels,
  mixedTargets,
  textNumbers as numbersOf,
  siglipLoss,
  siglipLosses,
} from '../../losses/index.ts'
import { crossModalRetrieval } from '../../metrics/index.ts'
import { type DualEncoder, DualEncoderPrograms, projectsTexts } from '../../models/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { type AddedLosses, withAdded, withParametersOf } from '../strategies/add-losses.ts'
import { cachedFeatureTask, type FeatureObjective } from '../strategies/cached-feature-task.ts'
import type { TaskDefinition } from '../strategies/define-task.ts'
import type { Leaves } from '../strategies/leaves.ts'
import type { Task } from '../task.ts'
import { batchWithoutMismatch } from './batch-without-mismatch.ts'
import { encodeDataset } from './encode-dataset.ts'

/** Options of {@link contrastiveTask}. */
export interface ContrastiveTaskOptions {
  /** Precision of the model's matrix products in training; default `float32`. */
  readonly precision?: Precision
  /** Seed of dropout, for a model whose layers drop; default none. */
  readonly seed?: number | undefined
  /** Losses that are added to the contrastive one, and its own weight among them. Default: none. */
  readonly added?: AddedLosses | undefined
}

/** Contrastive learning of a dual encoder, measured by retrieval in both directions; see {@link dualEncoderContrast}. */
export const contrastiveTask = (
  model: DualEncoder,
  { precision = 'float32', seed, added }: ContrastiveTaskOptions = {},
): Task =>
  cachedFeatureTask({
    name: 'contrastive',
    parameters: withParametersOf(added, namedParameters(model)),
    precision,
    ...(seed !== undefined && { seed }),
    ...withAdded('contrastive', dualEncoderContrast(model), added),
    remark: batchWithoutMismatch,
    evaluator: retrievalOf(model),
  })

/** The evaluator of a dual encoder: retrieval in both directions over the whole data set. */
export const retrievalOf =
  (model: DualEncoder): NonNullable<TaskDefinition<object>['evaluator']> =>
  async (engine, values) => {
    const encoders = await DualEncoderPrograms.create(engine, model, values)
    return async (batches) => crossModalRetrieval(await encodeDataset(encoders, batches))
  }

/**
 * Contrastive objective: images and texts that match attract, all others repel. They match if they are of one concept
 * or if the text is equal to one of this concept. CLIP learns by symmetric InfoNCE, whose target is even over all
 * matches; SigLIP, which has a bias, by the sigmoid loss.
 *
 * Batches hold `pixelValues` [batch, channels, height, width], `inputIds` [batch, length] int64 and `concepts`
 * [batch] int64: equal numbers match. Those of a loader also hold `texts` [batch] int64: see {@link textsOf}. Mixed
 * batches also hold `partnerConcepts`, `partnerTexts`, `imageShares` and `textShares`, and their targets are soft.
 *
 * Features are `image` and `text` [batch, projection]; the metric for the log is `logitScale`.
 */
export const dualEncoderContrast = (model: DualEncoder): FeatureObjective => ({
  features: (leaves) => ({
    image: imageFeatures(model, leaves),
    text: textFeatures(model, leaves),
  }),
  loss({ image, text }, leaves) {
    const [images, texts] = [l2Normalize(image!), l2Normalize(text!)]
    const logitScale = model.scale()
    const logitBias = model.bias()
    const numbers = { logitScale }
    if (logitBias) {
      const concepts = leaves.get('concepts')
      const textNumbers = textsOf(leaves)
      const mixture = mixtureOf(leaves, concepts, textNumbers)
      const labels = mixture ? mixedLabels(mixture) : matchingLabels(concepts, textNumbers)
      const options = { logitScale, logitBias, labels }
      return {
        loss: siglipLoss(images, texts, options),
        numbers,
        sampleLosses: siglipLosses(images, texts, options),
      }
    }
    const options = { logitScale, ...contrastiveTargets(leaves) }
    return {
      loss: contrastiveLoss(images, texts, options),
      numbers,
      sampleLosses: contrastiveLosses(images, texts, options),
    }
  },
})

/** The texts that each image of a batch belongs to, and the images of each text, by their shares; soft in mixed batches. */
export function contrastiveTargets(leaves: Leaves): ContrastiveTargets {
  const concepts = leaves.get('concepts')
  const textNumbers = textsOf(leaves)
  const mixture = mixtureOf(leaves, concepts, textNumbers)
  return mixture ? mixedTargets(mixture) : matchingTargets(concepts, textNumbers)
}

/**
 * A model's image features [batch, projection], not normalized: the array `imageFeatures` of batches that have it, as a
 * frozen tower's are computed once; else of `pixelValues`.
 */
export const imageFeatures = (model: DualEncoder, leaves: Leaves): Tensor =>
  leaves.once(
    'imageFeatures',
    () => leaves.find('imageFeatures') ?? model.encodeImage(leaves.get('pixelValues')),
  )

/**
 * A model's text features [batch, projection], not normalized: the array `textFeatures`, the projected array
 * `pooledTexts` (of a frozen tower whose projection learns), or of `inputIds`.
 */
export const textFeatures = (model: DualEncoder, leaves: Leaves): Tensor =>
  leaves.once('textFeatures', () => {
    const [features, pooled] = [leaves.find('textFeatures'), leaves.find('pooledTexts')]
    if (features) return features
    return pooled && projectsTexts(model)
      ? model.projectText(pooled)
      : model.encodeText(leaves.get('inputIds'))
  })

/**
 * The number of each text, int64 [batch]: equal texts have equal numbers. It is the array `texts` of batches of a
 * loader; of other batches it is computed from `inputIds`.
 */
export const textsOf = (leaves: Leaves): Tensor => leaves.find('texts') ?? numbersOf(leaves.get('inputIds'))

/** The mixture of a mixed batch; undefined for another batch. */
function mixtureOf(leaves: Leaves, concepts: Tensor, texts: Tensor): Mixture | undefined {
  const [partnerConcepts, imageShares, textShares] = ['partnerConcepts', 'imageShares', 'textShares'].map(
    (name) => leaves.find(name),
  )
  if (!partnerConcepts || !imageShares || !textShares) return undefined
  return {
    concepts,
    partnerConcepts,
    texts,
    partnerTexts: leaves.get('partnerTexts'),
    imageShares,
    textShares,
  }
}
