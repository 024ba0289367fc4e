import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { goldenVlm } from '../../../test/support/golden.ts'
import type { HostArray } from '../../core/index.ts'
import { gradientsOf, input, type Tensor } from '../../graph/index.ts'
import { crossEntropy, maskedPatchErrors, normalizedPatches } from '../../losses/index.ts'
import { type Module, namedParameters } from '../../nn/index.ts'
import { clipTextConfig } from '../towers/config.ts'
import { CaptionDecoder } from './caption-decoder.ts'
import { vlmConfig } from './config.ts'
import { MaskedFusion } from './masked-fusion.ts'
import { oneHot } from './one-hot.ts'

const [image, text, vocabulary] = [6, 10, 17]
const sizes = { hidden_size: 12, intermediate_size: 20, num_hidden_layers: 2, num_attention_heads: 3 }
const config = vlmConfig.parse({
  vision_config: { image_size: 8, patch_size: 4 },
  masked_config: { ...sizes, patch_ratio: 0.5 },
  decoder_config: sizes,
})

type Arrays = ReadonlyMap<string, HostArray>

const leafOf = (arrays: Arrays) => (name: string) => {
  const { shape, dtype } = arrays.get(name)!
  return input(name, shape, dtype)
}

/** Outputs, and gradients of a loss with respect to inputs and parameters, against those of the golden file. */
async function expectGolden(
  arrays: Arrays,
  module: Module,
  outputs: Readonly<Record<string, Tensor>>,
  loss: Tensor,
  inputs: readonly Tensor[],
): Promise<void> {
  const parameters = [...namedParameters(module)].filter(([name]) => !name.includes('mask_embedding'))
  const stored = [...arrays.keys()].filter((name) => name.startsWith('parameter/')).sort()
  expect(parameters.map(([name]) => `parameter/${name}`).sort()).toEqual(stored)
  const names = ['image', 'text', 'words', ...parameters.map(([name]) => `parameter/${name}`)]
  const found = gradientsOf(
    [{ y: loss, dy: loss.scalar(1) }],
    [...inputs, ...parameters.map(([, { tensor }]) => tensor)],
  )
  const gradients = Object.fromEntries(names.map((name, i) => [`gradient/${name}`, found[i]!]))
  const feeds = {
    ...Object.fromEntries(arrays),
    ...Object.fromEntries(parameters.map(([name]) => [name, arrays.get(`parameter/${name}`)!])),
  }
  const results = await evaluate({ ...outputs, ...gradients }, feeds)
  const largest = (name: string) =>
    (arrays.get(name)!.data as Float32Array).reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const scale = Math.max(...Object.keys(gradients).map(largest))
  for (const [name, values] of Object.entries(results)) {
    const reference = arrays.get(name)!.data as Float32Array
    const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0)
    expect(values, name).toHaveLength(reference.length)
    expect(worst / (name in gradients ? scale : Math.max(1, largest(name))), name).toBeLessThan(1e-5)
  }
}

describe('behind the towers', () => {
  it('masked modelling has the values and gradients of torch.nn.TransformerEncoder and of the losses of MAE and BERT', async () => {
    const arrays = goldenVlm('masked')
    const leaf = leafOf(arrays)
    const fusion = new MaskedFusion(config.masked_config!, {
      imageWidth: image,
      textWidth: text,
      patches: 4,
      patchSize: 48,
      vocabulary,
    })
    namedParameters(fusion)
    const inputs = [leaf('image'), leaf('text'), leaf('words')] as const
    const fused = fusion.forward({
      image: inputs[0],
      places: oneHot(leaf('places'), 4),
      text: inputs[1],
      isWord: leaf('is_word'),
      imageSeen: leaf('image_seen'),
    })
    const patches = fusion.patchHead.forward(fused.patches)
    const chosen = oneHot(leaf('places').maximum(0), 5).matmul(fused.words)
    const logits = fusion.tokenHead.forward(chosen, inputs[2])
    const target = normalizedPatches(leaf('images'), 4)
    const patch_loss = maskedPatchErrors(patches, target, leaf('patch_mask')).mean()
    const word_loss = crossEntropy(logits, leaf('targets'))
    const outputs = { patches, logits, target, patch_loss, word_loss }
    await expectGolden(arrays, fusion, outputs, patch_loss.add(word_loss.mul(0.5)), inputs)
  })

  it('captioning has the values and gradients of torch.nn.TransformerDecoder and a head like that of BERT', async () => {
    const arrays = goldenVlm('captioning')
    const leaf = leafOf(arrays)
    const towers = clipTextConfig.parse({
      hidden_size: text,
      num_attention_heads: 2,
      vocab_size: vocabulary,
      max_position_embeddings: 5,
    })
    const decoder = new CaptionDecoder(config.decoder_config!, towers, image)
    namedParameters(decoder)
    const inputs = [leaf('image'), leaf('text'), leaf('words')] as const
    const logits = decoder.tokenHead.forward(decoder.forward(inputs[0], inputs[1]), inputs[2])
    const loss = crossEntropy(logits, leaf('targets'))
    await expectGolden(arrays, decoder, { logits, loss }, loss, inputs)
  })
})
