import { describe, expect, test } from 'vitest'
import { fakeData, fakeSubject } from '../../../test/support/dual-subject.ts'
import { random } from '../../core/index.ts'
import { alignment, featureGeometry } from '../../metrics/index.ts'
import { features, featuresEvaluator } from './features.ts'

const options = (more: Parameters<typeof features>[0] = {}) => featuresEvaluator.schema.parse(features(more))
const names = ['cat', 'dog']

/** Unit vectors of two noisy classes in turn. */
function clusters(rows: number, width: number): number[] {
  const stream = random(2, 'clusters')
  return Array.from({ length: rows }, (_, row) => {
    const vector = Array.from({ length: width }, (_, k) => stream.normal(0, 0.4) + (k === row % 2 ? 1 : 0))
    return vector.map((value) => Math.fround(value / Math.hypot(...vector)))
  }).flat()
}

describe('features', () => {
  // Images at 0°, 90°, 180° and 270°; the caption of each is the image itself.
  const square = [1, 0, 0, 1, -1, 0, 0, -1]

  test('of a square with its own captions, by hand', async () => {
    const data = fakeData({ width: 2, images: square, classes: [0, 0, 1, 1], names })
    const { metrics, samples, headline } = await featuresEvaluator.evaluate(
      fakeSubject(data),
      options({ map: false }),
    )
    const value = (path: string) => metrics[path]!.value
    expect(value('diversity')).toBeCloseTo(1, 9) // the mean is the middle
    expect(value('intraClassDistance')).toBeCloseTo(2, 9) // right angles
    expect(value('interClassDistance')).toBeCloseTo(3, 9) // half right angles, half opposites
    expect(value('separability')).toBeCloseTo(1.5, 9)
    expect(value('diagonalMean')).toBeCloseTo(1, 9)
    expect(value('offDiagonalMean')).toBeCloseTo(-1 / 3, 9)
    expect(value('matchingMargin')).toBeCloseTo(4 / 3, 9)
    expect(value('alignment')).toBeCloseTo(0, 9)
    expect(value('modalityGap')).toBeCloseTo(0, 9)
    expect(value('similarityCorrelation')).toBeCloseTo(1, 9)
    expect(value('imageUniformity')).toBeCloseTo(Math.log((4 * Math.exp(-4) + 2 * Math.exp(-8)) / 6), 9)
    expect(samples.alignment!.values).toEqual([0, 0, 0, 0])
    expect(headline).toEqual(['diversity', 'separability', 'matchingMargin', 'alignment', 'modalityGap'])
    for (const path of headline) expect(metrics[path]!.interval, path).toHaveLength(2)
  })

  test('are the numbers of the metrics, and intervals hold the values', async () => {
    const [rows, width] = [40, 6]
    const images = clusters(rows, width)
    const concepts = Array.from({ length: rows }, (_, row) => `concept ${row % 8}`)
    const data = fakeData({ width, images, concepts })
    const { metrics } = await featuresEvaluator.evaluate(fakeSubject(data), options({ map: false }))
    const imageFeatures = Float32Array.from(images)
    const expected = {
      ...alignment({ imageFeatures, textFeatures: imageFeatures, width, concepts }),
      ...featureGeometry({ features: imageFeatures, width, labels: concepts }),
    }
    for (const [path, value] of Object.entries(expected)) expect(metrics[path]!.value, path).toBe(value)
    const { value, interval } = metrics.matchingMargin!
    expect(interval![0]).toBeLessThan(value - 0.01)
    expect(interval![1]).toBeGreaterThan(value + 0.01)
  })

  test('finds the row of each first caption, also where two images share it', async () => {
    const data = fakeData({ width: 2, images: square, captions: [['a'], ['b'], ['a'], ['B']] })
    // The gallery holds "a" once, and "B" as the "b" that the tokenizer takes it for.
    const { imageIds: ids, textConcepts } = data.features
    const gallery = {
      textIds: ids.slice(0, 2),
      textCaptions: [0, 0],
      textFeatures: Float32Array.of(1, 0, 0, 1),
    }
    const subject = fakeSubject(
      { ...data, features: { ...data.features, ...gallery, textConcepts: textConcepts.slice(0, 2) } },
      {
        texts: async (texts) => Float32Array.from(texts.flatMap((text) => (text === 'B' ? [0, 1] : [9, 9]))),
      },
    )
    const { samples } = await featuresEvaluator.evaluate(subject, options({ map: false }))
    expect(samples.alignment!.values).toEqual([0, 0, 4, 4])
  })

  test('leaves out and tells what cannot be used', async () => {
    const images = [Number.NaN, 0, ...square, 1, 0]
    const data = fakeData({ width: 2, images, classes: [0, 0, 0, 1, 1, undefined], names })
    const subject = fakeSubject(data)
    const { metrics } = await featuresEvaluator.evaluate(subject, options({ map: false }))
    expect(metrics.diversity!.count).toBe(4)
    expect(subject.notes).toEqual([
      '1 samples of fake have features that are not finite and are left out.',
      '1 samples of fake have no class and are left out.',
    ])
  })

  test('tells that classes of one image each have no separability', async () => {
    const subject = fakeSubject(fakeData({ width: 2, images: square }))
    const { metrics, headline } = await featuresEvaluator.evaluate(subject, options({ map: false }))
    expect(metrics.separability).toBeUndefined()
    expect(headline).not.toContain('separability')
    expect(subject.notes[0]).toContain('separability is not measured')
  })

  test('refuses two samples', async () => {
    const subject = fakeSubject(fakeData({ width: 2, images: square.slice(0, 4) }))
    await expect(featuresEvaluator.evaluate(subject, options())).rejects.toMatchObject({
      code: 'evaluation/too-few-samples',
    })
  })
})

describe('a map of the space', () => {
  const data = fakeData({ width: 4, images: clusters(60, 4) })
  const mapOf = async (map: 'pca' | 'umap') =>
    (await featuresEvaluator.evaluate(fakeSubject(data), options({ map }))).sections[0]!

  test.each(['pca', 'umap'] as const)('%s: shows every image once, and the same each time', async (kind) => {
    const { title, body } = await mapOf(kind)
    expect(title).toBe('Map of the space')
    const [pictures, dots] = ['<image', '<circle'].map((tag) => body.toString().split(tag).length - 1)
    expect(pictures! + dots!).toBe(60)
    expect(pictures).toBeGreaterThan(10)
    expect((await mapOf(kind)).body.toString()).toBe(body.toString())
  })

  test('by UMAP keeps the two classes apart', async () => {
    const html = (await mapOf('umap')).body.toString()
    const places = [
      ...html.matchAll(
        /(?:translate\(|cx=")([\d.]+)(?: |" cy=")([\d.]+)[^<]*(?:<title>|><title>)caption (\d+)/g,
      ),
    ]
    expect(places).toHaveLength(60)
    const nearest = places.map(([, x, y, row]) => {
      const others = places.filter((other) => other[3] !== row)
      const far = (other: RegExpMatchArray) =>
        Math.hypot(Number(other[1]) - Number(x), Number(other[2]) - Number(y))
      const best = others.reduce((a, b) => (far(b) < far(a) ? b : a))
      return Number(best[3]) % 2 === Number(row) % 2
    })
    expect(nearest.filter(Boolean).length).toBeGreaterThan(48)
  })

  test('needs enough images', async () => {
    const few = fakeSubject(fakeData({ width: 2, images: [1, 0, 0, 1, -1, 0] }))
    const { sections } = await featuresEvaluator.evaluate(few, options({ map: 'umap' }))
    expect(sections.map(({ title }) => title)).toEqual(['Shape of the space'])
    expect(few.notes.at(-1)).toContain('too few images for a map')
  })
})
