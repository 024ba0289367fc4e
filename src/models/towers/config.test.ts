import { describe, expect, it } from 'vitest'
import { CheckpointError, ConfigError } from '../../core/index.ts'
import { parseModelConfig } from '../../deploy/model-config.ts'
import { dualEncoder } from '../clip/dual-encoder-config.ts'
import { policy } from '../policy/policy-config.ts'
import { siglip } from '../siglip/siglip-config.ts'

const fits = { width: 96, depth: 1, heads: 4 }
const odd = { ...fits, heads: 5 }
const image = { size: 32, patch: 8 }
const heads = { manipulation: { kind: 'joints', label: 'joints' } } as const

describe('heads that do not divide the width of a transformer are refused', () => {
  it.each<[string, () => unknown, string]>([
    [
      'clip',
      () => dualEncoder({ image: { ...image, ...odd }, text: { length: 8, ...fits } }),
      'vision_config',
    ],
    ['clip', () => dualEncoder({ image: { ...image, ...fits }, text: { length: 8, ...odd } }), 'text_config'],
    ['siglip', () => siglip({ image: { ...image, ...odd }, text: { length: 8, ...fits } }), 'vision_config'],
    ['siglip', () => siglip({ image: { ...image, ...fits }, text: { length: 8, ...odd } }), 'text_config'],
    [
      'policy',
      () => policy({ image: { ...image, ...fits }, text: { length: 8, ...fits }, fusion: odd, heads }),
      'fusion_config',
    ],
  ])('of %s, from sizes: %s', (_, make, key) => {
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(`${key}.num_attention_heads: 5 does not divide hidden_size 96`)
  })

  it.each([
    ['clip', 'vision_config'],
    ['clip', 'text_config'],
    ['siglip', 'vision_config'],
    ['siglip', 'text_config'],
    ['vision-text-dual-encoder', 'vision_config'],
    ['vision-text-dual-encoder', 'text_config'],
    ['visuomotor_policy', 'fusion_config'],
  ])('of %s, in a config.json: %s', (model_type, key) => {
    const content = { model_type, heads, [key]: { hidden_size: 96, num_attention_heads: 5 } }
    const parse = () => parseModelConfig(content, 'm/config.json')
    expect(parse).toThrow(CheckpointError)
    expect(parse).toThrow(`m/config.json: ${key}.num_attention_heads: 5 does not divide hidden_size 96`)
  })
})
