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

/** Concepts of each image and text of a batch whose samples were mixed (MixUp, CutMix). */
export interface Mixture {
  /** Concept of the sample itself, int64 [batch]; `partnerConcepts` are those of the samples it was mixed with. */
  readonly concepts: Tensor
  readonly partnerConcepts: Tensor
  /** Fraction of the image that shows the sample's own concept, [batch] in [0, 1]; `textShares` of the text. */
  readonly imageShares: Tensor
  readonly textShares: Tensor
}

/**
 * Soft targets of `contrastiveLoss` for mixed samples. An image of 0.8 cup and 0.2 plate has 0.8 in common with a
 * text about a cup, 0.2 with one about a plate, and 1 with a text about both in these shares. Each row is divided by
 * its sum. Unmixed samples give `matchingTargets`.
 *
 * @returns float32 [batch, batch] twice: `targets` of images over texts, and `textTargets` of texts over images; rows
 * sum to 1.
 */
export function mixedTargets(mixture: Mixture): { targets: Tensor; textTargets: Tensor } {
  const common = inCommon(mixture)
  const rows = (matrix: Tensor) => matrix.div(matrix.sum(1, { keep: true }))
  return { targets: rows(common), textTargets: rows(common.transpose()) }
}

/** Labels of `siglipLoss` for mixed samples: from −1, nothing in common, to 1. @returns float32 [batch, batch] */
export const mixedLabels = (mixture: Mixture): Tensor => inCommon(mixture).mul(2).sub(1)

/** Σ over concepts of the smaller of both shares, of every image with every text: [batch, batch] in [0, 1]. */
function inCommon({ concepts, partnerConcepts, imageShares, textShares }: Mixture): Tensor {
  const batch = concepts.size
  // A sample mixed with one of its own concept is not mixed at all.
  const alike = concepts.equal(partnerConcepts)
  const parts = (shares: Tensor) => {
    const own = alike.not().where(shares, 1)
    return [
      { concepts, share: own },
      { concepts: partnerConcepts, share: own.neg().add(1) },
    ]
  }
  const texts = parts(textShares)
  const terms = parts(imageShares).flatMap((image) =>
    texts.map((text) => {
      const same = image.concepts.reshape([batch, 1]).equal(text.concepts.reshape([1, batch]))
      const smaller = image.share.reshape([batch, 1]).minimum(text.share.reshape([1, batch]))
      return same.where(smaller, 0) // [batch, batch]
    }),
  )
  return terms.reduce((sum, term) => sum.add(term))
}

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
