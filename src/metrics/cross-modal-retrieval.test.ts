import { describe, expect, it } from 'vitest'
import golden from '../../test/golden/metrics/retrieval.json' with { type: 'json' }
import { captionGallery, crossModalRetrieval } from './cross-modal-retrieval.ts'
import { nearest } from './nearest.ts'

const features = (values: readonly number[]) => Float32Array.from(values)
const input = {
  imageFeatures: features(golden.imageFeatures),
  textFeatures: features(golden.textFeatures),
  width: golden.width,
  imageConcepts: golden.imageConcepts,
  textConcepts: golden.textConcepts,
}

describe('crossModalRetrieval', () => {
  it('agrees with NumPy on several images and captions a concept and a caption of two concepts', () => {
    const result = crossModalRetrieval(input)
    expect(result.gallery).toBe(24)
    expect(result.captions).toBe(31)
    for (const direction of ['imageToText', 'textToImage'] as const) {
      for (const [name, value] of Object.entries(golden[direction])) {
        expect(result[direction][name as 'R@1'], `${direction} ${name}`).toBeCloseTo(value, 10)
      }
    }
  })

  it('names the image without a caption and the caption without an image', () => {
    const orphanImage = { ...input, imageConcepts: input.imageConcepts.with(2, 'kite') }
    expect(() => crossModalRetrieval(orphanImage)).toThrow(/image 2 \(concept kite\)/)
    const orphanCaption = { ...input, textConcepts: input.textConcepts.with(4, ['kite', 'moon']) }
    expect(() => crossModalRetrieval(orphanCaption)).toThrow(/caption 4 \(concept kite, moon\)/)
  })

  it('finds the one image and caption that there are', () => {
    const one = {
      imageFeatures: features([1, 0]),
      textFeatures: features([1, 1]),
      width: 2,
      imageConcepts: ['cup'],
      textConcepts: [['cup']],
    }
    const found = { 'R@1': 100, 'R@5': 100, 'R@10': 100, MedR: 1, MeanR: 1 }
    expect(crossModalRetrieval(one)).toEqual({
      imageToText: found,
      textToImage: found,
      gallery: 1,
      captions: 1,
    })
  })

  it('takes copies of an image as one concept, each of them correct', () => {
    const copies = crossModalRetrieval({
      imageFeatures: features([1, 0, 1, 0, 0, 1]),
      textFeatures: features([1, 0, 0, 1]),
      width: 2,
      imageConcepts: ['cup', 'cup', 'bowl'],
      textConcepts: [['cup'], ['bowl']],
    })
    expect(copies.textToImage).toMatchObject({ 'R@1': 100, MeanR: 1 })
    expect(copies.imageToText).toMatchObject({ 'R@1': 100, MeanR: 1 })
  })

  it('refuses to measure nothing', () => {
    const nothing = { imageFeatures: features([]), textFeatures: features([]), width: 2 }
    expect(() => crossModalRetrieval({ ...nothing, imageConcepts: [], textConcepts: [] })).toThrow(
      expect.objectContaining({ code: 'metrics/no-queries' }),
    )
  })

  it('refuses concepts that differ in number from the features', () => {
    expect(() => crossModalRetrieval({ ...input, imageConcepts: ['0'] })).toThrow(
      expect.objectContaining({ code: 'shape/concepts' }),
    )
  })
})

describe('captionGallery', () => {
  it('holds a shared caption once, correct for each of its concepts', () => {
    const gallery = captionGallery([
      { id: 'google/1', concept: 'cat', captions: ['a cat', 'a pet'] },
      { id: 'google/2', concept: 'dog', captions: ['a pet', 'a dog'] },
      { id: 'twitter/1', concept: 'cat', captions: ['a cat'] },
      { id: 'photo-7', captions: ['a dog'] },
    ])
    expect(gallery).toEqual({
      captions: ['a cat', 'a pet', 'a dog'],
      concepts: [['cat'], ['cat', 'dog'], ['dog', 'photo-7']],
    })
  })
})

it('captionGallery holds a sample that comes twice once, and nothing of no samples', () => {
  const sample = { id: 'google/1', captions: ['a cat', 'a cat'] }
  expect(captionGallery([sample, sample])).toEqual({ captions: ['a cat'], concepts: [['google/1']] })
  expect(captionGallery([])).toEqual({ captions: [], concepts: [] })
})

describe('nearest', () => {
  const query = input.imageFeatures.subarray(3 * golden.width, 4 * golden.width)

  it('agrees with NumPy', () => {
    const found = nearest(query, input.textFeatures, golden.width, 5)
    expect(found.map(({ index }) => index)).toEqual(golden.nearest)
    for (const [i, { similarity }] of found.entries()) {
      expect(similarity).toBeCloseTo(golden.nearestSimilarity[i]!, 6)
    }
  })

  it('puts the lower row first among equals and NaN last, and stops at the end of the gallery', () => {
    const gallery = features([Number.NaN, 1, 0, 2, 1, 0, 0, 3])
    const found = nearest(features([0, 5]), gallery, 2, 9)
    expect(found.map(({ index }) => index)).toEqual([1, 3, 2, 0])
    expect(nearest(features([1, 1]), new Float32Array(), 2, 3)).toEqual([])
  })

  it('refuses a query of another width', () => {
    expect(() => nearest(features([1, 2]), features([1]), 1, 1)).toThrow(/one row of width 1/)
  })
})
