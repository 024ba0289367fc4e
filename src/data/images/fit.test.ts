import { expect, test } from 'vitest'
import { processorsGolden, spots, waves } from '../../../test/support/waves.ts'
import { squareOf } from './decode.ts'
import { centred, scaledSize } from './fit.ts'

test('truncates the longer side and floors the margin, as CLIP does', () => {
  const options = { resolution: 224, fit: 'cover' } as const
  expect(scaledSize({ width: 640, height: 480 }, options)).toEqual({ width: 298, height: 224 }) // 298.67
  expect(scaledSize({ width: 480, height: 640 }, options)).toEqual({ width: 224, height: 298 })
  expect(centred({ width: 299, height: 224 }, 224)).toMatchObject({ left: -37, top: 0 }) // 37.5
})

test('scales to more than the square, of which it shows the middle', () => {
  const options = { resolution: 224, cropFraction: 0.875 } as const
  expect(scaledSize({ width: 640, height: 480 }, { ...options, fit: 'cover' })).toEqual({
    width: 341,
    height: 256,
  })
  expect(scaledSize({ width: 640, height: 480 }, { ...options, fit: 'fill' })).toEqual({
    width: 256,
    height: 256,
  })
})

test('crops pictures of 200 sizes where CLIPImageProcessor does', async () => {
  const { sizes } = processorsGolden()
  expect(sizes).toHaveLength(200)
  let [worstMean, worstLevel] = [0, 0] // of 255; half a pixel aside they are 8 and more
  for (const [width, height, encoded] of sizes) {
    const { data } = await squareOf(waves(width, height), { resolution: 224, fit: 'cover' })
    const levels = Buffer.from(encoded, 'base64')
    const places = spots(224)
    const differences = Array.from(levels, (level, i) =>
      Math.abs(level - data[places[i % 64]! * 4 + Math.floor(i / 64)]!),
    )
    const mean = differences.reduce((sum, d) => sum + d, 0) / differences.length
    worstMean = Math.max(worstMean, mean)
    worstLevel = Math.max(worstLevel, ...differences)
  }
  expect(worstMean).toBeLessThan(0.5)
  expect(worstLevel).toBeLessThan(3)
})
