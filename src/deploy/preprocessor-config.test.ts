import { describe, expect, test } from 'vitest'
import { processorsGolden, spots, waves } from '../../test/support/waves.ts'
import { CheckpointError } from '../core/index.ts'
import { imageBatch } from './image-batch.ts'
import { parsePreprocessorConfig, preprocessorConfig } from './preprocessor-config.ts'
import { withDefaultsOfClass } from './processor-classes.ts'

const golden = processorsGolden()
const usual: Readonly<Record<string, string>> = { clip: 'CLIPImageProcessor', siglip: 'SiglipImageProcessor' }
const file = 'preprocessor_config.json'

describe.each(golden.configs.map((config) => ({ ...config, text: JSON.stringify(config.content) })))(
  'a $modelType folder with $text',
  ({ modelType, content, pictures, refused }) => {
    const parse = () => parsePreprocessorConfig(content, file, usual[modelType])
    if (refused !== undefined) {
      test('makes no square in Python, and is refused with the key', () => {
        expect(parse).toThrow(CheckpointError)
        expect(parse).toThrow(
          /^preprocessor_config\.json: (size|do_center_crop|crop_size|resample|image_mean)/,
        )
      })
      return
    }
    test('gives what Python gives', async () => {
      const processing = parse()
      for (const { width, height, side, values } of pictures!) {
        expect(processing.size).toBe(side)
        const { data } = await imageBatch([waves(width, height)], processing, () => 'picture')
        const places = spots(side)
        const own = [0, 1, 2].flatMap((c) => places.map((place) => data[c * side * side + place]!))
        const thirds = own.filter((_, i) => i % 3 === 0)
        const level = Math.min(...processing.std) * 255
        const differences = thirds.map((value, i) => Math.abs(value - values[i]!) * level)
        expect(Math.max(...differences), `${width} × ${height}`).toBeLessThan(3)
        expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.6)
      }
    })
    test('is the same after it was written', () => {
      const processing = parse()
      const again = parsePreprocessorConfig(preprocessorConfig(processing), file)
      expect(again).toEqual({ ...processing, background: [1, 1, 1] })
    })
  },
)

test.each(Object.entries(golden.classes))('%s has the defaults that Python gives it', (name, defaults) => {
  const own = withDefaultsOfClass({ image_processor_type: name }, undefined, file)
  for (const [key, value] of Object.entries(defaults)) expect(own[key], key).toEqual(value)
  if (!('do_center_crop' in defaults)) expect(own.do_center_crop).toBe(false)
})

const clip = { image_processor_type: 'CLIPImageProcessor' }
test.each<[string, object, RegExp]>([
  [
    'another class',
    { image_processor_type: 'Siglip2ImageProcessor' },
    /image_processor_type "Siglip2ImageProcessor" is none of CLIPImageProcessor/,
  ],
  ['no class where the family has none', { size: 224 }, /image_processor_type is missing/],
  ['images as they are', { ...clip, do_resize: false }, /do_resize: must be true/],
  ['the nearest pixel', { ...clip, resample: 0 }, /resample: only 1/],
  [
    'a crop larger than the image',
    { ...clip, size: { shortest_edge: 200 } },
    /crop_size 224 is larger than size 200/,
  ],
  ['a crop of no size', { image_processor_type: 'ViTImageProcessor', do_center_crop: true }, /crop_size/],
  ['two edges', { ...clip, size: { shortest_edge: 224, longest_edge: 300 } }, /size: .*longest_edge/],
  ['no size', { ...clip, size: null }, /size: null is neither/],
  ['filling up', { ...clip, do_pad: true }, /do_pad: padding/],
  ['squares of KOSMOS-2', { ...clip, use_square_size: true }, /use_square_size: is not/],
  ['a deviation of zero', { ...clip, image_std: [0, 1, 1] }, /image_std/],
  ['something that is no object', [224], /object/],
])('refuses %s', (_, content, message) => {
  const parse = () => parsePreprocessorConfig(content, file)
  expect(parse).toThrow(expect.objectContaining({ code: 'bundle/image-processing' }))
  expect(parse).toThrow(message)
})
