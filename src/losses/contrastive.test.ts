import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../test/support/evaluate.ts'
import { float32, int64, random, ShapeError } from '../core/index.ts'
import { constant, gradients, input, type Tensor } from '../graph/index.ts'
import {
  contrastiveLoss,
  contrastiveLosses,
  matchingLabels,
  matchingTargets,
  siglipLoss,
  siglipLosses,
} from './index.ts'

interface GoldenCase {
  readonly name: string
  readonly loss: 'infoNce' | 'siglip'
  readonly inputs: { imageFeatures: number[][]; textFeatures: number[][]; scale: number; bias: number | null }
  readonly concepts: number[]
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
function build(loss: GoldenCase['loss'], pairs: number, width: number, concepts: Tensor | undefined) {
  const image = input('image', [pairs, width])
  const text = input('text', [pairs, width])
  const logitScale = input('scale', [])
  const logitBias = input('bias', [])
  const value =
    loss === 'infoNce'
      ? contrastiveLoss(image, text, { logitScale, ...(concepts && { targets: matchingTargets(concepts) }) })
      : siglipLoss(image, text, {
          logitScale,
          logitBias,
          ...(concepts && { labels: matchingLabels(concepts) }),
        })
  const [dImage, dText, dScale, dBias] = gradients(value, [image, text, logitScale, logitBias])
  return { value, dImage: dImage!, dText: dText!, dScale: dScale!, dBias: dBias! }
}

describe('losses by open_clip', () => {
  it.each(golden)('$name', async ({ loss, inputs, concepts, value, gradients }) => {
    const { imageFeatures, textFeatures, scale, bias } = inputs
    const [pairs, width] = [imageFeatures.length, imageFeatures[0]!.length]
    const feeds = {
      image: float32([pairs, width], imageFeatures.flat()),
      text: float32([pairs, width], textFeatures.flat()),
      scale: float32([], [scale]),
      bias: float32([], [bias ?? 0]),
    }
    const distinct = new Set(concepts).size === pairs
    const fed = distinct ? undefined : constant(int64([pairs], concepts))
    const results = await evaluate(build(loss, pairs, width, fed), feeds)
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
    const results = await evaluate({ targets: matchingTargets(concepts), labels: matchingLabels(concepts) })
    expect(results.targets).toEqual([0.5, 0, 0.5, 0, 1, 0, 0.5, 0, 0.5])
    expect(results.labels).toEqual([1, -1, 1, -1, 1, -1, 1, -1, 1])
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
