import { int64 } from '../core/index.ts'
import { constant, type Tensor } from '../graph/index.ts'

/**
 * Targets of `contrastiveLoss` when several pairs of a batch show one concept: each image belongs evenly to all
 * texts of its concept (supervised contrastive learning, Khosla et al. 2020).
 *
 * @param concepts int64 [batch]; equal numbers match.
 * @returns float32 [batch, batch], symmetric; rows sum to 1.
 */
export function matchingTargets(concepts: Tensor): Tensor {
  const matches = matching(concepts).cast('float32')
  return matches.div(matches.sum(1, { keep: true }))
}

/**
 * Labels of `siglipLoss`: 1 where image and text show one concept, else −1.
 *
 * @param concepts int64 [batch]; equal numbers match.
 * @returns float32 [batch, batch]
 */
export const matchingLabels = (concepts: Tensor): Tensor => matching(concepts).cast('float32').mul(2).sub(1)

/** The concepts of a batch in which every pair has its own: 0, 1, 2, … */
export const distinctConcepts = (batch: number): Tensor =>
  constant(
    int64(
      [batch],
      Array.from({ length: batch }, (_, i) => i),
    ),
  )

function matching(concepts: Tensor): Tensor {
  const batch = concepts.size
  return concepts.reshape([batch, 1]).equal(concepts.reshape([1, batch])) // [batch, batch]
}
