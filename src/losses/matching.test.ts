import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32, int64 } from '../core/index.ts'
import { gradients, input } from '../graph/index.ts'
import {
  contrastiveLoss,
  matchingLabels,
  matchingTargets,
  mixedLabels,
  mixedTargets,
  siglipLoss,
} from './index.ts'

/** One sample that was mixed: its concept, that of the other, and how much of image and text is its own. */
interface Mixed {
  readonly concept: number
  readonly partner: number
  /** Text of the sample, and of the other one. Default: each concept has texts of its own. */
  readonly words?: readonly [own: number, partner: number]
  readonly image: number
  readonly text: number
}

const width = 3

/** Batches whose samples were mixed with each other. */
const mixtures = fc
  .array(
    fc.record({
      concept: fc.nat(3),
      word: fc.nat(3),
      partner: fc.nat(),
      image: fc.double({ min: 0, max: 1, noNaN: true }),
      text: fc.constantFrom(0, 1, 0.4, 0.6),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((rows) =>
    rows.map(({ concept, word, partner, ...shares }): Mixed => {
      const other = rows[partner % rows.length]!
      return { concept, partner: other.concept, words: [word, other.word], ...shares }
    }),
  )

/** Texts of a sample and of its partner; texts of one concept are equal by default. */
const wordsOf = ({ concept, partner, words = [concept, partner] }: Mixed) => words

/** Concepts that a text describes: its own, and those of all samples with an equal text. */
const conceptsOf = (mixed: readonly Mixed[], concept: number, words: number): Set<number> =>
  new Set([concept, ...mixed.filter((pair) => wordsOf(pair)[0] === words).map((pair) => pair.concept)])

/** What image i and text j have in common: the largest flow between their parts, as the smallest cut. */
function common(mixed: readonly Mixed[]): number[][] {
  return mixed.map(({ concept, partner, image }) =>
    mixed.map((text) => {
      const own = concept === partner ? 1 : image
      const [ownWords, partnerWords] = wordsOf(text)
      const describes = [
        conceptsOf(mixed, text.concept, ownWords),
        conceptsOf(mixed, text.partner, partnerWords),
      ]
      const shares = [text.text, 1 - text.text]
      const matched = (...parts: number[]) =>
        shares.reduce((sum, share, q) => sum + (parts.some((p) => describes[q]!.has(p)) ? share : 0), 0)
      return Math.min(1, 1 - own + matched(concept), own + matched(partner), matched(concept, partner))
    }),
  )
}

const leaves = (batch: number) => ({
  concepts: input('concepts', [batch], 'int64'),
  partnerConcepts: input('partnerConcepts', [batch], 'int64'),
  texts: input('texts', [batch], 'int64'),
  partnerTexts: input('partnerTexts', [batch], 'int64'),
  imageShares: input('imageShares', [batch]),
  textShares: input('textShares', [batch]),
})

const feedsOf = (mixed: readonly Mixed[]) => ({
  concepts: int64(
    [mixed.length],
    mixed.map(({ concept }) => concept),
  ),
  partnerConcepts: int64(
    [mixed.length],
    mixed.map(({ partner }) => partner),
  ),
  texts: int64(
    [mixed.length],
    mixed.map((pair) => wordsOf(pair)[0]),
  ),
  partnerTexts: int64(
    [mixed.length],
    mixed.map((pair) => wordsOf(pair)[1]),
  ),
  imageShares: float32(
    [mixed.length],
    mixed.map(({ image }) => image),
  ),
  textShares: float32(
    [mixed.length],
    mixed.map(({ text }) => text),
  ),
})

const transpose = (matrix: readonly (readonly number[])[]) =>
  matrix[0]!.map((_, j) => matrix.map((row) => row[j]!))

const closeTo = (actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-5) => {
  expect(actual.length).toBe(expected.length)
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThan(tolerance)
}

describe('targets of mixed samples', () => {
  /** A text always has something in common with its own image where shares come from mixing: see mix-texts. */
  const plausible = (mixed: readonly Mixed[]) =>
    [common(mixed), transpose(common(mixed))].every((rows) =>
      rows.every((row) => row.reduce((a, b) => a + b) > 1e-3),
    )

  it('are what image and text have in common, as a part of its row', async () => {
    const property = fc.asyncProperty(mixtures.filter(plausible), async (mixed) => {
      const { targets, textTargets } = mixedTargets(leaves(mixed.length))
      const labels = mixedLabels(leaves(mixed.length))
      const results = await evaluate({ targets, textTargets, labels }, feedsOf(mixed))
      const rows = (matrix: number[][]) =>
        matrix.flatMap((row) => row.map((value) => value / row.reduce((a, b) => a + b)))
      closeTo(results.targets!, rows(common(mixed)), 1e-4)
      closeTo(results.textTargets!, rows(transpose(common(mixed))), 1e-4)
      closeTo(
        results.labels!,
        common(mixed)
          .flat()
          .map((value) => 2 * value - 1),
      )
    })
    await fc.assert(property, { numRuns: 60, seed: 7 })
  })

  it('are those of concepts where nothing was mixed', async () => {
    const concepts = [4, 1, 4, 2]
    const mixed = concepts.map((concept) => ({ concept, partner: 1, image: 1, text: 1 }))
    const { concepts: leaf, ...others } = leaves(4)
    const { targets, textTargets } = mixedTargets({ concepts: leaf, ...others })
    const outputs = {
      targets,
      textTargets,
      labels: mixedLabels({ concepts: leaf, ...others }),
      plain: matchingTargets(leaf, others.texts).targets,
      plainLabels: matchingLabels(leaf, others.texts),
    }
    const results = await evaluate(outputs, feedsOf(mixed))
    closeTo(results.targets!, [...results.plain!])
    closeTo(results.textTargets!, [...results.plain!])
    closeTo(results.labels!, [...results.plainLabels!])
  })
})

describe('losses of mixed samples', () => {
  const mixed: Mixed[] = [
    { concept: 0, partner: 1, image: 0.8, text: 1 },
    { concept: 1, partner: 2, image: 0.45, text: 0.45 },
    { concept: 2, partner: 0, image: 0.1, text: 0 },
    { concept: 3, partner: 3, image: 0.5, text: 1 },
    { concept: 4, partner: 2, image: 0.7, text: 0.6, words: [1, 2] },
  ]
  const batch = mixed.length
  const scale = 1.7
  const unit = (angle: number) => [Math.cos(angle), Math.sin(angle) * 0.6, Math.sin(angle) * 0.8]
  const [images, texts] = [mixed.map((_, i) => unit(1.3 * i)), mixed.map((_, i) => unit(0.4 + 1.1 * i))]
  const features = {
    image: float32([batch, width], images.flat()),
    text: float32([batch, width], texts.flat()),
  }
  const [image, text] = [input('image', [batch, width]), input('text', [batch, width])]
  const logits = images.map((a) => texts.map((b) => scale * a.reduce((sum, x, k) => sum + x * b[k]!, 0)))
  const softmax = (row: readonly number[]) => {
    const total = row.reduce((sum, x) => sum + Math.exp(x), 0)
    return row.map((x) => Math.exp(x) / total)
  }
  const share = (row: readonly number[]) => row.map((x) => x / row.reduce((a, b) => a + b))
  /** What the gradient with respect to logits makes with respect to the images. */
  const toImages = (slopes: readonly (readonly number[])[]) =>
    slopes.flatMap((row) =>
      Array.from({ length: width }, (_, k) => row.reduce((sum, x, j) => sum + scale * x * texts[j]![k]!, 0)),
    )

  it('InfoNCE: value and gradient by their formulas', async () => {
    const [byImage, byText] = [common(mixed).map(share), transpose(common(mixed)).map(share)]
    const [p, q] = [logits.map(softmax), transpose(logits).map(softmax)]
    const crossEntropy = (targets: number[][], probabilities: number[][]) =>
      -targets.reduce(
        (sum, row, i) => sum + row.reduce((inner, t, j) => inner + t * Math.log(probabilities[i]![j]!), 0),
        0,
      ) / batch
    const slopes = logits.map((row, i) =>
      row.map((_, j) => (p[i]![j]! - byImage[i]![j]! + q[j]![i]! - byText[j]![i]!) / (2 * batch)),
    )
    const options = { logitScale: image.scalar(scale), ...mixedTargets(leaves(batch)) }
    const value = contrastiveLoss(image, text, options)
    const outputs = { value, slope: gradients(value, [image])[0]! }
    const results = await evaluate(outputs, { ...features, ...feedsOf(mixed) })
    closeTo(results.value!, [(crossEntropy(byImage, p) + crossEntropy(byText, q)) / 2])
    closeTo(results.slope!, toImages(slopes))
  })

  it('SigLIP: value and gradient by their formulas', async () => {
    const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))
    const bias = -0.7
    const matches = common(mixed)
    const decisions = logits.map((row) => row.map((x) => sigmoid(x + bias)))
    const losses = decisions.flatMap((row, i) =>
      row.map((p, j) => -(matches[i]![j]! * Math.log(p) + (1 - matches[i]![j]!) * Math.log(1 - p))),
    )
    const slopes = decisions.map((row, i) => row.map((p, j) => (p - matches[i]![j]!) / batch))
    const options = {
      logitScale: image.scalar(scale),
      logitBias: image.scalar(bias),
      labels: mixedLabels(leaves(batch)),
    }
    const value = siglipLoss(image, text, options)
    const outputs = { value, slope: gradients(value, [image])[0]! }
    const results = await evaluate(outputs, { ...features, ...feedsOf(mixed) })
    closeTo(results.value!, [losses.reduce((a, b) => a + b) / batch])
    closeTo(results.slope!, toImages(slopes))
  })
})
