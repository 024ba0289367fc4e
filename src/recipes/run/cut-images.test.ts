import { expect, it } from 'vitest'
import { dualEncoder } from '../../models/index.ts'
import { builtIn } from '../recipe/registry.ts'
import { cutImages } from './cut-images.ts'

const warningsFor = (size: number, patch: number) => {
  const tower = { width: 32, depth: 1, heads: 2 }
  const model = dualEncoder({ image: { size, patch, ...tower }, text: { length: 8, ...tower } })
  return cutImages({ model } as never, builtIn)
}

it('says how many pixels no patch covers', () => {
  expect(warningsFor(64, 7)).toEqual([
    'warning: patches of 7 pixels cover 63 of the 64 pixels of a side: the model never sees the last pixel of a row and ' +
      'of a column (model.vision_config.patch_size, image_size)',
  ])
  expect(warningsFor(64, 10)[0]).toContain('the last 4 pixels')
})

it('says nothing of patches that cover the image', () => {
  expect(warningsFor(64, 8)).toEqual([])
})
