import { type Batch, float32, type HostArray, splitRows } from '../../core/index.ts'
import type { Tensor } from '../../graph/index.ts'
import { crossEntropies, maskedPatchErrors, normalizedPatches } from '../../losses/index.ts'
import { graphOverArena, maskedGraph, maskedRunner, type VlmModel, wordsAt } from '../../models/index.ts'
import type { FeatureObjective } from '../strategies/cached-feature-task.ts'
import type { Draw, TaskDefinition } from '../strategies/define-task.ts'
import type { Leaves } from '../strategies/leaves.ts'
import { drawMasks, maskCounts, wordPlaces } from './draw-masks.ts'
import { targetFeatures } from './frozen-patches.ts'
import { maskedMetrics } from './masked-metrics.ts'

/** Options of masked modelling. */
export interface MaskedLossOptions {
  /** Factors of the losses of patches and of words. */
  readonly weights: { readonly patches: number; readonly words: number }
  /** Share of the samples whose words are predicted without the image, in [0, 1). */
  readonly withoutImage: number
}

/**
 * Masked modelling of images and texts: the mean squared error of the masked patches, and the cross entropy of the masked
 * words, by weight. The first is a mean over the patches of an image and over images (MAE, He et al. 2022), the second one
 * over all masked words of the batch (BERT, Devlin et al. 2019).
 *
 * Batches hold `pixelValues` and `inputIds`, and for a model that predicts features `targetFeatures` [batch, patches, width] of
 * a frozen tower; masks are drawn. Of a share of the samples the words are predicted from
 * words alone, so that the model can do without an image and its use of one can be measured.
 *
 * Metrics for the log are `patchLoss`, `wordLoss` and `wordAccuracy`, the fraction of masked words that are right.
 */
export function maskedLoss(model: VlmModel, { weights, withoutImage }: MaskedLossOptions): FeatureObjective {
  const counts = maskCounts(model)
  const draw: Draw = (batch, streamOf) => ({
    ...drawMasks(batch, streamOf, counts),
    imageSeen: imageSeen(batch, (id) => streamOf(`${id}\u0000image`).chance(withoutImage)),
  })
  return {
    draw,
    features: (leaves) => maskedFeatures(model, leaves),
    loss({ patchLoss, wordLosses, words, right }) {
      const count = words!.sum().maximum(1)
      const numbers = {
        patchLoss: patchLoss!.mean(),
        wordLoss: wordLosses!.sum().div(count),
        wordAccuracy: right!.sum().div(count),
      }
      return {
        loss: numbers.patchLoss.mul(weights.patches).add(numbers.wordLoss.mul(weights.words)),
        numbers,
        sampleLosses: patchLoss!
          .mul(weights.patches)
          .add(wordLosses!.div(words!.maximum(1)).mul(weights.words)),
      }
    },
  }
}

/** `imageSeen` of a batch: 0 for samples that are read without their image. */
function imageSeen({ ids }: Pick<Batch, 'ids'>, isAlone: (id: string) => boolean): HostArray<'float32'> {
  return float32(
    [ids.length],
    ids.map((id) => (isAlone(id) ? 0 : 1)),
  )
}

/** Numbers of each sample, [batch]: its loss of patches, the sum of its losses of words, its words, and the right ones. */
function maskedFeatures(model: VlmModel, leaves: Leaves) {
  const [pixelValues, inputIds] = [leaves.get('pixelValues'), leaves.get('inputIds')]
  const maskedTokens = leaves.get('maskedTokens') // [batch, masked]
  const { patches, isMasked, words } = model.reconstruct({
    pixelValues,
    inputIds,
    visiblePatches: leaves.get('visiblePatches'),
    maskedTokens,
    imageSeen: leaves.get('imageSeen'),
    drop: leaves.drop,
  })
  const isWord = maskedTokens.greaterOrEqual(0)
  const targets = isWord.where(wordsAt(inputIds, maskedTokens), -100)
  return {
    patchLoss: maskedPatchErrors(patches, targetOf(model, leaves), isMasked),
    wordLosses: crossEntropies(words, targets).sum(1),
    words: isWord.cast('float32').sum(1),
    right: words.argMax(2).equal(targets).cast('float32').sum(1),
  }
}

/** Numbers that are predicted for patches: [batch, patches, patchSize]. */
function targetOf({ config: { vision_config, masked_config } }: VlmModel, leaves: Leaves): Tensor {
  return masked_config!.target === 'pixels'
    ? normalizedPatches(leaves.get('pixelValues'), vision_config.patch_size)
    : leaves.get(targetFeatures)
}

/** The evaluator of masked modelling: see {@link maskedMetrics}. */
export const maskedOf =
  (model: VlmModel): NonNullable<TaskDefinition<object>['evaluator']> =>
  async (engine, values) => {
    const runner = maskedRunner(await graphOverArena(engine, model, values, () => maskedGraph(model)))
    return (batches) => maskedMetrics(runner, model, batches)
  }

/** Remark on a batch with texts that have no word to mask. */
export const textsWithoutWords = (model: VlmModel): NonNullable<TaskDefinition<object>['remark']> => {
  const counts = maskCounts(model)
  return ({ ids, arrays: { inputIds } }) => {
    if (!inputIds) return undefined
    const rows = splitRows(inputIds.data as BigInt64Array, ids.length)
    return rows.every((row) => wordPlaces(row, counts).length > 0)
      ? undefined
      : 'a text of the batch has no word that could be masked, so that only its image teaches'
  }
}
