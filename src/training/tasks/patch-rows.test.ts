import { expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { smallVlm } from '../../../test/support/small-vlm.ts'
import { float32, random } from '../../core/index.ts'
import { input, patches } from '../../graph/index.ts'
import { normalizedPatches } from '../../losses/index.ts'
import { imageOfPatches, normalizedPatch, patchRows } from './patch-rows.ts'

const model = smallVlm()
const stream = random(1, 'image')
const image = Float32Array.from({ length: 3 * 8 * 8 }, () => stream.normal())

it('patches of an image are those of the graph, and lead back to it', async () => {
  const leaf = input('images', [1, 3, 8, 8])
  const feeds = { images: float32([1, 3, 8, 8], image) }
  const { cut, normalized } = await evaluate(
    { cut: patches(leaf, 4), normalized: normalizedPatches(leaf, 4) },
    feeds,
  )
  const rows = patchRows(image, model)
  expect(rows.flatMap((row) => [...row])).toEqual(cut)
  expect(imageOfPatches(rows, model)).toEqual(image)
  const values = rows.flatMap((row) => [...normalizedPatch(row).values])
  for (const [i, value] of values.entries()) expect(value).toBeCloseTo(normalized![i]!, 5)
})

it('a normalized patch leads back by its mean and deviation', () => {
  const [patch] = patchRows(image, model)
  const { values, mean, deviation } = normalizedPatch(patch!)
  for (const [i, value] of values.entries()) expect(value * deviation + mean).toBeCloseTo(patch![i]!, 5)
})
