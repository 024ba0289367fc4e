import { hostArray, int64, random, type Shape } from '../core/index.ts'
import { constant, type Tensor } from '../graph/index.ts'

/**
 * Pairs of a batch that match: image i and text j where text j has the concept of image i. A text has the concepts of
 * all pairs with this text, so equal texts match each other's images, as in evaluation.
 *
 * @param concepts int64 [batch]; equal numbers are one concept.
 * @param texts int64 [batch]; equal numbers are equal texts. Default: all texts differ.
 * @returns float32 [batch, batch], an image a row: 1 where they match, else 0.
 */
export const matchingPairs = (concepts: Tensor, texts?: Tensor): Tensor =>
  texts ? described(concepts, { concepts, texts }, { concepts, texts }) : same(concepts, concepts)

/** Targets of `contrastiveLoss`. */
export interface ContrastiveTargets {
  /** Share of each text in each image's target: [batch, batch], rows sum to 1. */
  readonly targets: Tensor
  /** Share of each image in each text's target: [batch, batch], rows sum to 1. */
  readonly textTargets: Tensor
}

/**
 * Targets of `contrastiveLoss` when several pairs of a batch match: each image belongs evenly to all texts that match
 * it, and each text evenly to all images (supervised contrastive learning, Khosla et al. 2020; UniCL, Yang et al. 2022).
 *
 * @param concepts as of {@link matchingPairs}; `texts` too.
 * @returns float32 [batch, batch] twice.
 */
export const matchingTargets = (concepts: Tensor, texts?: Tensor): ContrastiveTargets =>
  sharedOut(matchingPairs(concepts, texts))

/**
 * Labels of `siglipLoss`: 1 where image and text match, else −1.
 *
 * @param concepts as of {@link matchingPairs}; `texts` too.
 * @returns float32 [batch, batch]
 */
export const matchingLabels = (concepts: Tensor, texts?: Tensor): Tensor =>
  matchingPairs(concepts, texts).mul(2).sub(1)

/**
 * A number for each row of token ids: equal rows have equal numbers. Different rows have different ones but for a
 * chance of about 2⁻⁴⁰ a pair: neighbours are joined as left · factor + right modulo 2⁶⁴, again and again.
 *
 * @param inputIds int64 [batch, length]
 * @returns int64 [batch], as `texts` of {@link matchingPairs}.
 */
export function textNumbers(inputIds: Tensor): Tensor {
  // Not as a sum, because ONNX Runtime adds int64 in float64.
  const stream = random(0, 'texts')
  const half = () => BigInt(stream.integer(2 ** 32))
  let numbers = inputIds
  for (let length = inputIds.shape[1]!; length > 1; length = numbers.shape[1]!) {
    if (length % 2 === 1) numbers = numbers.pad([0, 0], [0, 1])
    const factor = BigInt.asIntN(64, (half() << 32n) | half() | 1n)
    const factors = constant(hostArray('int64', [], BigInt64Array.of(factor)))
    numbers = numbers
      .slice(1, 0, length, 2)
      .mul(factors)
      .add(numbers.slice(1, 1, length + 1, 2))
  }
  return numbers.reshape([inputIds.shape[0]!])
}

/** Concepts of each image and text of a batch whose samples were mixed (MixUp, CutMix). */
export interface Mixture {
  /** Concept of the sample itself, int64 [batch]; `partnerConcepts` are those of the samples it was mixed with. */
  readonly concepts: Tensor
  readonly partnerConcepts: Tensor
  /** Text of the sample before mixing, int64 [batch], as of {@link matchingPairs}; `partnerTexts` likewise. */
  readonly texts: Tensor
  readonly partnerTexts: Tensor
  /** Fraction of the image that shows the sample's own concept, [batch] in [0, 1]; `textShares` of the text. */
  readonly imageShares: Tensor
  readonly textShares: Tensor
}

/**
 * Soft targets of `contrastiveLoss` for mixed samples. An image of 0.8 cup and 0.2 plate has 0.8 in common with a
 * text about a cup, 0.2 with one about a plate, and 1 with a text about both in these shares. Each row is divided by
 * its sum. Unmixed samples give `matchingTargets`.
 *
 * @returns float32 [batch, batch] twice.
 */
export const mixedTargets = (mixture: Mixture): ContrastiveTargets => sharedOut(inCommon(mixture))

/** Labels of `siglipLoss` for mixed samples: from −1, nothing in common, to 1. @returns float32 [batch, batch] */
export const mixedLabels = (mixture: Mixture): Tensor => inCommon(mixture).mul(2).sub(1)

/** Targets from what image and text have in common: its part of its row, and of its column. */
function sharedOut(common: Tensor): ContrastiveTargets {
  const rows = (matrix: Tensor) => matrix.div(matrix.sum(1, { keep: true }))
  return { targets: rows(common), textTargets: rows(common.transpose()) }
}

/**
 * The most that two parts of an image and two parts of a text can have in common, of every image with every text: each
 * part has its share, a part of the image and one of the text match or do not, and no share counts twice. [batch,
 * batch] in [0, 1].
 */
function inCommon(mixture: Mixture): Tensor {
  const { concepts, partnerConcepts, imageShares, textShares } = mixture
  const batch = concepts.size
  const partner = { concepts: partnerConcepts, texts: mixture.partnerTexts }
  const [m11, m12] = [described(concepts, mixture, mixture), described(concepts, partner, mixture)]
  const [m21, m22] = [
    described(partnerConcepts, mixture, mixture),
    described(partnerConcepts, partner, mixture),
  ]
  // A sample mixed with one of its own concept is not mixed at all, nor is a text with one of the same concepts.
  const [a1, a2] = partsOf(imageShares, concepts.equal(partnerConcepts), [batch, 1])
  const [b1, b2] = partsOf(textShares, m11.sub(m12).abs().sum(0).equal(0), [1, batch])
  const c11 = a1.minimum(b1).mul(m11)
  const c22 = a2.minimum(b2).mul(m22)
  const c12 = a1.sub(c11).minimum(b2.sub(c22)).mul(m12)
  const c21 = a2.sub(c22).minimum(b1.sub(c11)).mul(m21)
  // What is in common along one diagonal may go round by the other, so that both parts find a match.
  const crossed = m12.mul(m21)
  const [restOfA1, restOfA2] = [a1.sub(c11).sub(c12), a2.sub(c22).sub(c21)]
  const [restOfB1, restOfB2] = [b1.sub(c11).sub(c21), b2.sub(c22).sub(c12)]
  const round11 = restOfA2.minimum(restOfB2).minimum(c11).mul(crossed)
  const round22 = restOfA1.minimum(restOfB1).minimum(c22).mul(crossed)
  return c11.add(c22).add(c12).add(c21).add(round11).add(round22)
}

/** Shares of a sample's own part and of its partner's, in a shape; all of it is its own where both are alike. */
function partsOf(shares: Tensor, alike: Tensor, shape: Shape): [own: Tensor, partner: Tensor] {
  const own = alike.not().where(shares, 1).reshape(shape)
  return [own, own.neg().add(1)]
}

/** The concepts of a batch in which every pair has its own: 0, 1, 2, … */
export const distinctConcepts = (batch: number): Tensor =>
  constant(
    int64(
      [batch],
      Array.from({ length: batch }, (_, i) => i),
    ),
  )

/** Texts by row: the concept of each, and its number. */
interface Texts {
  readonly concepts: Tensor
  readonly texts: Tensor
}

/**
 * Images of these concepts that these texts describe: 1 where a text is of the concept of the image, or where some pair
 * of the batch has the concept of the image and a text equal to this one; else 0. [batch, batch]
 */
const described = (image: Tensor, text: Texts, pairs: Texts): Tensor =>
  same(image, pairs.concepts)
    .matmul(same(pairs.texts, text.texts), { exact: true })
    .minimum(1)
    .maximum(same(image, text.concepts))

/** 1 where number i of one side equals number j of the other, else 0: float32 [batch, batch]. */
function same(rows: Tensor, columns: Tensor): Tensor {
  return rows
    .reshape([rows.size, 1])
    .equal(columns.reshape([1, columns.size]))
    .cast('float32')
}
