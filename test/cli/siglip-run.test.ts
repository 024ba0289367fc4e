import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { siglip } from '../../src/models/index.ts'
import { visuomotor } from '../support/captured-output.ts'
import { shapesRecipe } from '../support/shapes-recipe.ts'

test('a recipe with siglip({ … }) learns its pictures and exports a SiglipModel', async () => {
  const { home, file } = await shapesRecipe()
  const run = join(home, 'siglip')
  const tower = { width: 32, depth: 1, heads: 2 }
  const model = siglip({ image: { ...tower, size: 16, patch: 8 }, text: { ...tower, length: 12 } })
  // At 1e-2, ten times as much, all features become one.
  const values = { model, epochs: 150, 'validation.everyEpochs': 150, 'optimizer.learningRate': 1e-3 }
  const set = Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])
  const { code, result, notes } = await visuomotor('train', file, '--out', run, ...set, '--json')
  expect(code, notes).toBe(0)
  const { imageToText, textToImage } = JSON.parse(result).results.shapes
  expect(Math.min(imageToText['R@1'], textToImage['R@1'])).toBeGreaterThan(90)

  expect((await visuomotor('export', run)).code).toBe(0)
  const config = JSON.parse(readFileSync(join(run, 'bundle/config.json'), 'utf8'))
  expect(config).toMatchObject({ model_type: 'siglip', text_config: { projection_size: 32 } })
})
