import { describe, expect, it } from 'vitest'
import { CheckpointError } from '../../core/index.ts'
import { parseModelConfig } from '../../deploy/model-config.ts'
import { namedParameters } from '../../nn/index.ts'
import { visionTextDualEncoder } from './vision-text-config.ts'
import { VisionTextModel } from './vision-text-model.ts'

const sizes = {
  image: { size: 16, patch: 8, width: 32, depth: 1, heads: 2 },
  text: { length: 8, width: 16, depth: 2, heads: 2 },
}

describe('a config from sizes', () => {
  it('makes towers that meet in 512 numbers, with the pooler of transformers', () => {
    const config = visionTextDualEncoder(sizes)
    const model = new VisionTextModel(config)
    const shapes = new Map([...namedParameters(model)].map(([name, { shape }]) => [name, shape]))
    expect(shapes.get('visual_projection.weight')).toEqual([512, 32])
    expect(shapes.get('text_projection.weight')).toEqual([512, 16])
    expect(shapes.get('text_model.encoder.layer.1.attention.self.query.weight')).toEqual([16, 16])
    expect(shapes.get('text_model.embeddings.position_embeddings.weight')).toEqual([8, 16])
    expect(shapes.has('text_model.pooler.dense.weight')).toBe(true)
    expect(config).toMatchObject({
      text_config: { hidden_act: 'gelu' },
      vision_config: { hidden_act: 'quick_gelu' },
    })
  })

  it('reads shorter texts than the tower has positions for, and has no pooler where it takes the mean', () => {
    const config = visionTextDualEncoder({
      ...sizes,
      text: { ...sizes.text, positions: 40 },
      pooling: 'mean',
    })
    const model = new VisionTextModel(config)
    expect(model.inputs.text.length).toBe(8)
    const names = [...namedParameters(model)]
    expect(names.find(([name]) => name.includes('position_embeddings'))![1].shape).toEqual([40, 16])
    expect(names.filter(([name]) => name.includes('pooler'))).toEqual([])
  })
})

describe('a config.json that no model of the family can have is refused', () => {
  it.each<[string, object, string]>([
    ['another image tower', { vision_config: { model_type: 'vit' } }, 'vision_config.model_type: only CLIP'],
    ['another text tower', { text_config: { model_type: 'roberta' } }, 'text_config.model_type: only BERT'],
    ['a decoder', { text_config: { is_decoder: true } }, 'text_config.is_decoder: a decoder'],
    [
      'relative positions',
      { text_config: { position_embedding_type: 'relative_key' } },
      'text_config.position_embedding_type: only learned positions',
    ],
    ['no padding', { text_config: { pad_token_id: null } }, 'text_config.pad_token_id'],
    ['longer texts than positions', { text_length: 513 }, 'text_length: 513 tokens are more than'],
    ['another pooling', { text_pooling: 'max' }, 'text_pooling'],
  ])('with %s', (_, content, words) => {
    const parse = () =>
      parseModelConfig({ model_type: 'vision-text-dual-encoder', ...content }, 'm/config.json')
    expect(parse).toThrow(CheckpointError)
    expect(parse).toThrow(`m/config.json: ${words}`)
  })
})
