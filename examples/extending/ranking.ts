import { l2Normalize } from 'visuomotor/graph'
import { matchingPairs } from 'visuomotor/losses'
import type { DualEncoder } from 'visuomotor/models'
import { namedParameters } from 'visuomotor/nn'
import { contrastiveObjective, type Objective } from 'visuomotor/recipes'
import { cachedFeatureTask, imageFeatures, retrievalOf, textFeatures, textsOf } from 'visuomotor/training'
import { z } from 'zod'

interface RankingOptions {
  readonly kind: 'ranking'
  readonly margin: number
}

/**
 * Hinge loss of image–text pairs (Kiros et al. 2014): a pair is more similar than each of its mismatches by a margin.
 *
 *     Σ max(0, margin + s(i, j) − s(i, i)) + max(0, margin + s(i, j) − s(j, j)) over i ≠ j, divided by the batch
 *
 * Everything but schema and task is the contrastive objective's: the models that learn it, metrics, tests, report.
 */
export const ranking: Objective<RankingOptions, DualEncoder> = {
  ...contrastiveObjective,
  schema: z.strictObject({ kind: z.literal('ranking'), margin: z.number().positive().default(0.2) }),
  captions: ({ texts }) => (texts.firstCaption < 1 ? 'all' : 'first'),
  task: (model, { objective: { margin }, machine: { precision } }) =>
    cachedFeatureTask({
      name: 'ranking',
      parameters: namedParameters(model),
      precision,
      features: (leaves) => ({
        image: l2Normalize(imageFeatures(model, leaves)), // [batch, projection]
        text: l2Normalize(textFeatures(model, leaves)), // [batch, projection]
      }),
      loss({ image, text }, leaves) {
        const batch = image!.shape[0]!
        const isMismatch = matchingPairs(leaves.get('concepts'), textsOf(leaves)).neg().add(1) // [batch, batch]
        const similarities = image!.matmul(text!, { transposeB: true }) // [batch, batch]
        const own = image!.mul(text!).sum(1) // [batch]
        const hinges = [own.reshape([batch, 1]), own.reshape([1, batch])].map((of) =>
          similarities.add(margin).sub(of).relu().mul(isMismatch).sum(1),
        )
        const losses = hinges[0]!.add(hinges[1]!) // [batch]
        return { loss: losses.mean(0), sampleLosses: losses }
      },
      evaluator: retrievalOf(model),
    }),
}
