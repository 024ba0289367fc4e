import fc from 'fast-check'
import sharp, { type PngOptions, type Sharp } from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeSmallPng } from './small-png.ts'

/** Smooth here and noisy there, so that every filter of lines is used; few colours where a palette is to hold them. */
function drawn(width: number, height: number, channels: 1 | 2 | 3 | 4, seed: number): Sharp {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)]
    return y % 3 === 0 ? (i * i * (seed + 7)) % 251 : 3 * x + 5 * y + (i % channels) * 40
  })
  return sharp(data, { raw: { width, height, channels } })
}

const png = (picture: Sharp, options: PngOptions = {}): Promise<Buffer> => picture.png(options).toBuffer()

const small = () => drawn(9, 7, 4, 0)

describe('decodeSmallPng', () => {
  it('gives the bytes that libvips gives', async () => {
    const side = fc.integer({ min: 1, max: 40 })
    const options = fc.record({
      adaptiveFiltering: fc.boolean(),
      palette: fc.boolean(),
      compressionLevel: fc.constantFrom(0, 6),
    })
    const channels = fc.constantFrom(1, 2, 3, 4)
    let decoded = 0
    await fc.assert(
      fc.asyncProperty(side, side, channels, options, fc.nat(50), async (width, height, count, how, seed) => {
        const bytes = await png(drawn(width, height, count as 1 | 2 | 3 | 4, seed), how)
        const ours = decodeSmallPng(bytes)
        if (ours === undefined) return
        decoded++
        const theirs = await sharp(bytes).toColourspace('srgb').ensureAlpha().raw().toBuffer()
        expect(ours).toMatchObject({ width, height })
        expect(Buffer.compare(ours.data, theirs)).toBe(0)
      }),
      { numRuns: 200, seed: 7 },
    )
    expect(decoded).toBeGreaterThan(150) // the rest has palettes of fewer than 8 bits
  })

  it.each([
    ['16 bits', () => png(small().toColourspace('rgb16'))],
    ['interlaced pixels', () => png(small(), { progressive: true })],
    ['a profile of colours', () => png(small().withIccProfile('p3'))],
    ['an orientation', () => png(small().withMetadata({ orientation: 6 }))],
    ['many pixels', () => png(drawn(200, 100, 3, 0))],
    ['another format', () => small().webp().toBuffer()],
  ])('leaves %s to libvips', async (_, make) => {
    expect(decodeSmallPng(await make())).toBeUndefined()
  })

  it('leaves what is broken to libvips, whichever byte is changed and wherever it is cut off', async () => {
    const bytes = await png(small())
    expect(decodeSmallPng(bytes)).toBeDefined()
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at]! ^= 1
      expect(decodeSmallPng(changed), `byte ${at}`).toBeUndefined()
      expect(decodeSmallPng(bytes.subarray(0, at)), `${at} bytes`).toBeUndefined()
    }
  })
})
