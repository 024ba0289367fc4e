import { ConfigError } from '../../core/index.ts'
import { crossEntropies } from '../../losses/index.ts'
import { captionScorer, captionsGraph, graphOverArena, type VlmModel } from '../../models/index.ts'
import type { FeatureObjective } from '../strategies/cached-feature-task.ts'
import type { TaskDefinition } from '../strategies/define-task.ts'
import type { Leaves } from '../strategies/leaves.ts'
import { captionMetrics } from './caption-metrics.ts'

/**
 * Captioning (CoCa, Yu et al. 2022): the cross entropy of each next word of a text, its end included, given the image and
 * the words before it; a mean over all words of the batch. What follows the end is padding and does not count.
 *
 * Batches hold `pixelValues` and `inputIds`. In a sum, contrast and captions read one pass through each tower; captioning
 * must then be built first. Metrics for the log are `captionLoss` and `captionAccuracy`.
 *
 * @throws ConfigError `training/no-start` for texts without a start token, behind which a caption could begin.
 */
export function captioningLoss(model: VlmModel): FeatureObjective {
  requireStart(model)
  return objectiveOf(model)
}

const objectiveOf = (model: VlmModel): FeatureObjective => ({
  features: (leaves) => captionFeatures(model, leaves),
  loss({ wordLosses, words, right }) {
    const count = words!.sum().maximum(1)
    const loss = wordLosses!.sum().div(count)
    return {
      loss,
      numbers: { captionLoss: loss, captionAccuracy: right!.sum().div(count) },
      sampleLosses: wordLosses!.div(words!.maximum(1)),
    }
  },
})

function requireStart({ config: { text_config } }: VlmModel): void {
  if (text_config.bos_token_id != null) return
  const message =
    'the tokenizer has no start token, behind which a caption could begin; take one that puts it before texts'
  throw new ConfigError('training/no-start', message)
}

/** Sums of each sample, [batch]: its losses, its words, and the right ones among them. */
function captionFeatures(model: VlmModel, leaves: Leaves) {
  const [pixelValues, inputIds] = [leaves.get('pixelValues'), leaves.get('inputIds')]
  const { image, text, patches, words } = model.encodeBoth(pixelValues, inputIds)
  // What contrast reads is there already, unless the batch brings features of a frozen tower.
  leaves.once('imageFeatures', () => leaves.find('imageFeatures') ?? image)
  leaves.once('textFeatures', () => leaves.find('textFeatures') ?? text)
  const length = inputIds.shape[1]!
  const logits = model.nextWords(patches, words.slice(1, 0, length - 1))
  const counted = model.isWord(inputIds).slice(1, 1, length) // [batch, length − 1]
  const targets = counted.where(inputIds.slice(1, 1, length), -100)
  return {
    wordLosses: crossEntropies(logits, targets).sum(1),
    words: counted.cast('float32').sum(1),
    right: logits.argMax(2).equal(targets).cast('float32').sum(1),
  }
}

/** The evaluator of captioning: see {@link captionMetrics}. */
export const captioningOf =
  (model: VlmModel): NonNullable<TaskDefinition<object>['evaluator']> =>
  async (engine, values) => {
    const scorer = captionScorer(await graphOverArena(engine, model, values, () => captionsGraph(model)))
    return (batches) => captionMetrics(scorer, model.config.text_config.eos_token_id, batches)
  }
