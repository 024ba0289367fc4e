import { describe, expect, it } from 'vitest'
import { fractionAt } from './metric-paths.ts'

const metrics = {
  imageToText: { 'R@1': 42, 'R@10': 100, MedR: 3 },
  grasp: { withinFraction: 0.25, meanErrorMetres: 1.5 },
}

describe('fractionAt', () => {
  it.each([
    ['imageToText.R@1', 0.42],
    ['imageToText.R@10', 1],
    ['grasp.withinFraction', 0.25],
  ])('takes %s for %d', (path, fraction) => {
    expect(fractionAt(metrics, path)).toBe(fraction)
  })

  it.each([
    ['imageToText.MedR', 'training/not-a-fraction', /is 3; .* there are imageToText\.R@1/],
    ['grasp.meanErrorMetres', 'training/not-a-fraction', /is 1\.5/],
    ['grasp.withinFracton', 'training/unknown-metric', /did you mean 'grasp\.withinFraction'\?/],
  ])('refuses %s', (path, code, message) => {
    expect(() => fractionAt(metrics, path)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    )
  })
})
