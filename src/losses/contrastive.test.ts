import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32, int64, random, ShapeError } from '../core/index.ts'
import { constant, gradients, input, type Tensor } from '../graph/index.ts'
import {
  contrastiveLoss,
  contrastiveLosses,
  matchingLabels,
  matchingPairs,
  matchingTargets,
  siglipLoss,
  siglipLosses,
  textNumbers,
} from './index.ts'

interface GoldenCase {
  readonly name: string
  readonly loss: 'infoNce' | 'siglip'
  readonly inputs: { imageFeatures: number[][]; textFeatures: number[][]; scale: number; bias: number | null }
  readonly concepts: number[]
  readonly texts?: number[]
  readonly value: number
  readonly gradients: {
    imageFeatures: number[][]
    textFeatures: number[][]
    scale: number
    bias: number | null
  }
}

const golden: readonly GoldenCase[] = JSON.parse(
  readFileSync(new URL('../../test/golden/losses/contrastive.json', import.meta.url), 'utf8'),
)

/** Both losses over the same leaves; `concepts` undefined takes the default, each pair for itself. */
function build(
  loss: GoldenCase['loss'],
  pairs: number,
  width: number,
  concepts: Tensor | undefined,
  texts?: Tensor,
) {
  const image = input('image', [pairs, width])
  const text = input('text', [pairs, width])
  const logitScale = input('scale', [])
  const logitBias = input('bias', [])
  const value =
    loss === 'infoNce'
      ? contrastiveLoss(image, text, { logitScale, ...(concepts && matchingTargets(concepts, texts)) })
      : siglipLoss(image, text, {
          logitScale,
          logitBias,
          ...(concepts && { labels: matchingLabels(concepts, texts) }),
        })
  const [dImage, dText, dScale, dBias] = gradients(value, [image, text, logitScale, logitBias])
  return { value, dImage: dImage!, dText: dText!, dScale: dScale!, dBias: dBias! }
}

describe('losses by open_clip', () => {
  it.each(golden)('$name', async ({ loss, inputs, concepts, texts, value, gradients }) => {
    const { imageFeatures, textFeatures, scale, bias } = inputs
    const [pairs, width] = [imageFeatures.length, imageFeatures[0]!.length]
    const feeds = {
      image: float32([pairs, width], imageFeatures.flat()),
      text: float32([pairs, width], textFeatures.flat()),
      scale: float32([], [scale]),
      bias: float32([], [bias ?? 0]),
    }
    const distinct = new Set(concepts).size === pairs && !texts
    const fed = distinct ? undefined : constant(int64([pairs], concepts))
    const fedTexts = texts && constant(int64([pairs], texts))
    const results = await evaluate(build(loss, pairs, width, fed, fedTexts), feeds)
    expectClose(results.value!, [value])
    expectClose(results.dImage!, gradients.imageFeatures.flat())
    expectClose(results.dText!, gradients.textFeatures.flat())
    expectClose(results.dScale!, [gradients.scale])
    if (bias !== null) expectClose(results.dBias!, [gradients.bias!])
  })
})

/** To float32 of sums whose terms are as large as the scale of the logits. */
function expectClose(actual: readonly number[], expected: readonly number[]): void {
  const allowed = 1e-5 * Math.max(1, ...expected.map(Math.abs))
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i]! - value)).toBeLessThan(allowed)
  })
}

describe('contrastive losses', () => {
  const image = input('image', [3, 4])
  const one = image.scalar(1)

  it.each(['infoNce', 'siglip'] as const)(
    '%s is finite when everything is wrong at scale 100',
    async (loss) => {
      const unit = (sign: number) => Array.from({ length: 12 }, (_, i) => (i % 4 === 0 ? sign : 0))
      const results = await evaluate(build(loss, 3, 4, undefined), {
        image: float32([3, 4], unit(1)),
        text: float32([3, 4], unit(-1)),
        scale: float32([], [100]),
        bias: float32([], [-10]),
      })
      for (const values of Object.values(results)) expect(values.every(Number.isFinite)).toBe(true)
    },
  )

  it.each(['infoNce', 'siglip'] as const)('%s of each pair, whose mean is the loss', async (loss) => {
    const stream = random(3, 'features')
    const drawn = () =>
      float32(
        [3, 4],
        Array.from({ length: 12 }, () => stream.normal()),
      )
    const [images, texts] = [input('image', [3, 4]), input('text', [3, 4])]
    const options = { logitScale: images.scalar(2), logitBias: images.scalar(-1) }
    const each = loss === 'infoNce' ? contrastiveLosses : siglipLosses
    const whole = loss === 'infoNce' ? contrastiveLoss : siglipLoss
    const outputs = { each: each(images, texts, options), whole: whole(images, texts, options) }
    const results = await evaluate(outputs, { image: drawn(), text: drawn() })
    expect(results.each).toHaveLength(3)
    expect(new Set(results.each).size).toBe(3)
    expect(results.each!.reduce((sum, value) => sum + value, 0) / 3).toBeCloseTo(results.whole![0]!, 5)
  })

  it('the loss of a pair is large where the pair is wrong', async () => {
    // Pairs 0 and 1 have each other's texts.
    const features = (...columns: number[]) =>
      float32(
        [3, 3],
        columns.flatMap((column) => [0, 1, 2].map((i) => (i === column ? 1 : 0))),
      )
    const [images, texts] = [input('image', [3, 3]), input('text', [3, 3])]
    const options = { logitScale: images.scalar(10), logitBias: images.scalar(-5) }
    const feeds = { image: features(0, 1, 2), text: features(1, 0, 2) }
    for (const each of [contrastiveLosses, siglipLosses]) {
      const { losses } = await evaluate({ losses: each(images, texts, options) }, feeds)
      expect(losses![0]).toBeCloseTo(losses![1]!, 5)
      expect(losses![0]).toBeGreaterThan(9)
      expect(losses![2]).toBeLessThan(0.1)
    }
  })

  it('matchingTargets share a row evenly, matchingLabels are signed', async () => {
    const concepts = constant(int64([3], [5, 9, 5]))
    const { targets, textTargets } = matchingTargets(concepts)
    const results = await evaluate({ targets, textTargets, labels: matchingLabels(concepts) })
    expect(results.targets).toEqual([0.5, 0, 0.5, 0, 1, 0, 0.5, 0, 0.5])
    expect(results.textTargets).toEqual(results.targets)
    expect(results.labels).toEqual([1, -1, 1, -1, 1, -1, 1, -1, 1])
  })

  it('a text matches the images of all concepts that it describes', async () => {
    // A cat called "cat face", the same cat called "face", a dog called "face".
    const [concepts, texts] = [constant(int64([3], [1, 1, 2])), constant(int64([3], [7, 8, 8]))]
    const { targets, textTargets } = matchingTargets(concepts, texts)
    const results = await evaluate({
      targets,
      textTargets,
      labels: matchingLabels(concepts, texts),
      pairs: matchingPairs(concepts, texts),
    })
    const third = Math.fround(1 / 3)
    expect(results.pairs).toEqual([1, 1, 1, 1, 1, 1, 0, 1, 1]) // the dog is no "cat face"
    expect(results.targets).toEqual([third, third, third, third, third, third, 0, 0.5, 0.5])
    expect(results.textTargets).toEqual([0.5, 0.5, 0, third, third, third, third, third, third])
    expect(results.labels).toEqual([1, 1, 1, 1, 1, 1, -1, 1, 1])
  })

  it.each(['infoNce', 'siglip'] as const)(
    '%s and its gradient have the same bits where no texts are equal',
    async (loss) => {
      const stream = random(11, 'bits')
      const drawn = () =>
        float32(
          [5, 4],
          Array.from({ length: 20 }, () => stream.normal()),
        )
      const feeds = { image: drawn(), text: drawn(), scale: float32([], [7]), bias: float32([], [-2]) }
      const concepts = constant(int64([5], [4, 2, 4, 4, 9]))
      const texts = constant(int64([5], [11, 12, 13, 14, 15]))
      const results = await evaluate(build(loss, 5, 4, concepts, texts), feeds)
      expect(results).toEqual(await evaluate(build(loss, 5, 4, concepts), feeds))
    },
  )

  it('textNumbers are equal where the ids are, wherever they stand', async () => {
    const rows = [
      [5, 7, 9],
      [7, 5, 9],
      [5, 7, 9],
      [5, 7, 0],
      [49407, 0, 0],
      [0, 0, 49407],
    ]
    const ids = constant(int64([6, 3], rows.flat()))
    const { pairs } = await evaluate({ pairs: matchingPairs(textNumbers(ids)) })
    expect(pairs).toEqual(rows.flatMap((a) => rows.map((b) => Number(`${a}` === `${b}`))))
  })

  it('textNumbers of 60 long texts differ', async () => {
    const stream = random(5, 'ids')
    const ids = Array.from({ length: 60 * 77 }, (_, i) => (i % 77 < 8 ? stream.integer(49408) : 49407))
    const { pairs } = await evaluate({ pairs: matchingPairs(textNumbers(constant(int64([60, 77], ids)))) })
    expect(pairs!.reduce((sum, pair) => sum + pair)).toBe(60)
  })

  it.each([
    ['texts of another width', () => contrastiveLoss(image, input('text', [3, 5]), { logitScale: one })],
    ['fewer texts than images', () => contrastiveLoss(image, input('text', [2, 4]), { logitScale: one })],
    [
      'targets of another batch',
      () => contrastiveLoss(image, image, { logitScale: one, targets: input('t', [2, 2]) }),
    ],
    ['a scale for each pair', () => contrastiveLoss(image, image, { logitScale: input('s', [3]) })],
  ])('refuses %s', (_, build) => {
    expect(build).toThrow(ShapeError)
    expect(build).toThrow(/^contrastiveLoss\(/)
  })
})
