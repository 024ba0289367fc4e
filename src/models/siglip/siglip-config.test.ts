import { expect, it } from 'vitest'
import { input } from '../../graph/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { siglip } from './siglip-config.ts'
import { SiglipModel } from './siglip-model.ts'

const sizes = {
  image: { size: 16, patch: 8, width: 32, depth: 1, heads: 2 },
  text: { length: 8, width: 16, depth: 1, heads: 2 },
}

it('makes towers of different width that meet in the space of the image tower', () => {
  const model = new SiglipModel(siglip(sizes))
  namedParameters(model)
  expect(model.encodeImage(input('pixelValues', [3, 3, 16, 16])).shape).toEqual([3, 32])
  expect(model.encodeText(input('inputIds', [5, 8], 'int64')).shape).toEqual([5, 32])
})

it("has SigLIP's activation unless told otherwise", () => {
  const activationsOf = ({ vision_config, text_config }: ReturnType<typeof siglip>) =>
    [vision_config, text_config].map(({ hidden_act }) => hidden_act)
  expect(activationsOf(siglip(sizes))).toEqual(['gelu_pytorch_tanh', 'gelu_pytorch_tanh'])
  expect(activationsOf(siglip({ ...sizes, activation: 'gelu' }))).toEqual(['gelu', 'gelu'])
})
