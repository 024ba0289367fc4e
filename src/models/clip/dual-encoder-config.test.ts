import { expect, it } from 'vitest'
import { namedParameters } from '../../nn/index.ts'
import { ClipModel } from './clip-model.ts'
import { dualEncoder } from './dual-encoder-config.ts'

const sizes = {
  image: { size: 16, patch: 8, width: 32, depth: 1, heads: 2 },
  text: { length: 8, width: 16, depth: 2, heads: 2, hidden: 24 },
}

it('makes towers of the given sizes that meet in 512 numbers, the scale at 1/0.07', () => {
  const parameters = namedParameters(new ClipModel(dualEncoder(sizes)))
  const shapeOf = (name: string) => parameters.get(name)?.shape
  expect(shapeOf('visual_projection.weight')).toEqual([512, 32])
  expect(shapeOf('text_projection.weight')).toEqual([512, 16])
  expect(shapeOf('vision_model.encoder.layers.0.mlp.fc1.weight')).toEqual([128, 32])
  expect(shapeOf('text_model.encoder.layers.1.mlp.fc1.weight')).toEqual([24, 16])
  expect(shapeOf('text_model.encoder.layers.2.mlp.fc1.weight')).toBeUndefined()
  expect(dualEncoder(sizes).logit_scale_init_value).toBeCloseTo(2.6592, 3)
})

it('takes another space and scale', () => {
  const config = dualEncoder({ ...sizes, projection: 24, initialScale: 14 })
  expect(config).toMatchObject({ projection_dim: 24, logit_scale_init_value: Math.log(14) })
})
