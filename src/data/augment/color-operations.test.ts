import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brighten, contrast, rotateHue, saturate } from './color-operations.ts'
import { convolveGaussian } from './gaussian-blur.ts'

interface Golden {
  width: number
  height: number
  picture: number[]
  results: Record<string, { amount: number; expected: number[] }[]>
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/images/colors.json', import.meta.url), 'utf8'),
)
const operations = { brighten, contrast, saturate, rotateHue }

/** Planes of 1 × 1 to 1 × 8 pixels. */
const planes = fc
  .array(fc.tuple(unit(), unit(), unit()), { minLength: 1, maxLength: 8 })
  .map((pixels) => Float32Array.from([0, 1, 2].flatMap((c) => pixels.map((pixel) => pixel[c]!))))

function unit() {
  return fc.double({ min: 0, max: 1, noNaN: true })
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length)
  return Array.from(a, (value, i) => Math.abs(value - b[i]!)).reduce((x, y) => Math.max(x, y), 0)
}

describe('colour operations', () => {
  it.each(Object.entries(operations))('%s as in torchvision', (name, operation) => {
    expect(golden.results[name]?.length).toBeGreaterThan(2)
    for (const { amount, expected } of golden.results[name] ?? []) {
      const picture = Float32Array.from(golden.picture)
      operation(picture, amount)
      expect(furthest(picture, expected)).toBeLessThan(1e-5)
    }
  })

  it('blur as in torchvision, edges reflected', () => {
    for (const { amount, expected } of golden.results.blur ?? []) {
      const picture = Float32Array.from(golden.picture)
      convolveGaussian(picture, golden, { kernel: amount === 1.5 ? 5 : 3, sigma: amount })
      expect(furthest(picture, expected)).toBeLessThan(1e-5)
    }
  })

  it.each([
    [brighten, 1],
    [contrast, 1],
    [saturate, 1],
    [rotateHue, 0],
    [rotateHue, 1],
  ] as const)('%o by %d changes nothing', (operation, neutral) => {
    fc.assert(
      fc.property(planes, (picture) => {
        const changed = picture.slice()
        operation(changed, neutral)
        expect(furthest(changed, picture)).toBeLessThan(1e-5)
      }),
      { seed: 7 },
    )
  })

  it('rotateHue there and back', () => {
    fc.assert(
      fc.property(planes, fc.double({ min: -0.5, max: 0.5, noNaN: true }), (picture, turns) => {
        const changed = picture.slice()
        rotateHue(changed, turns)
        rotateHue(changed, -turns)
        expect(furthest(changed, picture)).toBeLessThan(1e-4)
      }),
      { seed: 7 },
    )
  })

  it('stay within 0 and 1, greys stay grey', () => {
    fc.assert(
      fc.property(
        planes,
        unit(),
        fc.constantFrom(...Object.values(operations)),
        (picture, amount, operation) => {
          operation(picture, 2 * amount)
          expect(Math.min(...picture)).toBeGreaterThanOrEqual(0)
          expect(Math.max(...picture)).toBeLessThanOrEqual(1)
          const grey = Float32Array.of(amount, amount, amount)
          operation(grey, 2 * amount)
          expect(grey[0]).toBeCloseTo(grey[1]!, 6)
          expect(grey[1]).toBeCloseTo(grey[2]!, 6)
        },
      ),
      { seed: 7 },
    )
  })
})
