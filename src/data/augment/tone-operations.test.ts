import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { autoContrast, equalize, posterize, sharpen, solarize } from './tone-operations.ts'

interface Golden {
  width: number
  height: number
  picture: string
  results: Record<string, { amount: number; expected: string }[]>
}

const golden: Golden = JSON.parse(
  readFileSync(new URL('../../../test/golden/images/tones.json', import.meta.url), 'utf8'),
)

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'))

const operations: Record<string, (planes: Float32Array, amount: number) => void> = {
  posterize,
  solarize: (planes, threshold) => solarize(planes, threshold / 255),
  sharpen: (planes, factor) => sharpen(planes, golden, factor),
  autoContrast,
  equalize,
}

describe('operations on tones', () => {
  it.each(Object.keys(golden.results))('%s as in Pillow', (name) => {
    for (const { amount, expected } of golden.results[name]!) {
      const planes = Float32Array.from(bytesOf(golden.picture), (byte) => byte / 255)
      operations[name]!(planes, amount)
      const wanted = bytesOf(expected)
      const furthest = planes.reduce(
        (most, value, i) => Math.max(most, Math.abs(value * 255 - wanted[i]!)),
        0,
      )
      // Pillow rounds what it sharpens and stretches to bytes, and cuts some of it.
      expect(furthest).toBeLessThan(name === 'sharpen' || name === 'autoContrast' ? 1.51 : 1e-3)
    }
  })

  it('leave pictures of one colour alone', () => {
    for (const operation of [autoContrast, equalize]) {
      const planes = new Float32Array(27).fill(0.3)
      operation(planes)
      expect(new Set(planes)).toEqual(new Set([Math.fround(0.3)]))
    }
  })
})
