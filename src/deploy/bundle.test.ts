import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tinyBundle, tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { CheckpointError, ConfigError, float32, readSafetensors } from '../core/index.ts'
import { Tokenizer, trainBpe } from '../data/text/index.ts'
import { PolicyModel } from '../models/index.ts'
import { type Bundle, writeBundle } from './bundle.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bundle-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const json = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'))
const clip = tinyBundle('clip')

describe('a bundle', () => {
  test('is the folder that Hugging Face libraries read', async () => {
    await writeBundle(join(folder, 'new/one/'), clip)
    const files = readdirSync(join(folder, 'new/one'), { recursive: true }) as string[]
    expect(files.sort()).toEqual([
      'config.json',
      'manifest.json',
      'model.safetensors',
      'onnx',
      'onnx/model.onnx',
      'onnx/text_model.onnx',
      'onnx/vision_model.onnx',
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(readdirSync(join(folder, 'new')), 'nothing temporary stays').toEqual(['one'])
    expect(json('new/one/config.json')).toMatchObject({
      architectures: ['CLIPModel'],
      model_type: 'clip',
      projection_dim: 24,
      text_config: { model_type: 'clip_text_model', projection_dim: 24, eos_token_id: clip.tokenizer.endId },
      vision_config: { model_type: 'clip_vision_model', projection_dim: 24, image_size: 32 },
    })
    expect(json('new/one/preprocessor_config.json')).toMatchObject({
      image_processor_type: 'CLIPImageProcessor',
      size: { shortest_edge: 32 },
      crop_size: { height: 32, width: 32 },
      resample: 3,
      image_mean: [0.5, 0.4, 0.3],
    })
    expect(json('new/one/tokenizer_config.json').model_max_length).toBe(16)
    const { tensors, metadata } = readSafetensors(join(folder, 'new/one/model.safetensors'))
    expect(metadata).toEqual({ format: 'pt' })
    expect(tensors).toEqual(new Map(clip.weights))
  })

  test('of SigLIP names its own classes', async () => {
    await writeBundle(join(folder, 'siglip'), tinyBundle('siglip'))
    expect(json('siglip/config.json')).toMatchObject({
      architectures: ['SiglipModel'],
      model_type: 'siglip',
      text_config: { model_type: 'siglip_text_model', projection_size: 32 },
    })
    expect(json('siglip/config.json').vision_config).not.toHaveProperty('projection_dim')
  })

  test('holds the factor of similarities that CLIP learned with, at most 100', async () => {
    const weights = new Map(clip.weights).set('logit_scale', float32([], [6]))
    await writeBundle(join(folder, 'b'), { ...clip, weights })
    const { tensors } = readSafetensors(join(folder, 'b/model.safetensors'))
    expect(tensors.get('logit_scale')!.data[0]).toBeCloseTo(Math.log(100), 6)
    expect(weights.get('logit_scale')!.data[0], 'the given weights are not touched').toBe(6)
  })
})

describe('statistics', () => {
  const policy = tinyPolicy()
  const withHead = (head: object) => {
    const { config } = policy.model
    return {
      ...policy,
      model: new PolicyModel({ ...config, heads: { ...config.heads, manipulation: head as never } }),
    }
  }
  const { manipulation } = policy.model.config.heads

  test.each<[string, object, RegExp]>([
    ['the mean of a head', { ...manipulation, mean: undefined }, /head manipulation has no mean/],
    ['the scale of a head', { ...manipulation, scale: undefined }, /head manipulation has no scale/],
    ['the spread of a head', { ...manipulation, scale: 0 }, /head manipulation has no spread/],
  ])('without %s nothing is written', async (_, head, message) => {
    const error = await writeBundle(join(folder, 'p'), withHead(head)).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(CheckpointError)
    expect(error).toMatchObject({ code: 'bundle/statistics', message: expect.stringMatching(message) })
    expect(existsSync(join(folder, 'p'))).toBe(false)
  })

  test.each([0, Number.NaN])('images with a deviation of %d are not written', async (deviation) => {
    const image = { ...clip.image, std: [0.2, deviation, 0.2] as const }
    await expect(writeBundle(join(folder, 'p'), { ...clip, image })).rejects.toMatchObject({
      code: 'bundle/statistics',
    })
  })
})

describe('what is in the way', () => {
  test('a bundle is replaced, its old files with it', async () => {
    const target = join(folder, 'b')
    await writeBundle(target, tinyBundle('siglip'))
    writeFileSync(join(target, 'onnx/model_quantized.onnx'), 'made from the old weights')
    await writeBundle(target, clip)
    expect(json('b/config.json').model_type).toBe('clip')
    expect(existsSync(join(target, 'onnx/model_quantized.onnx'))).toBe(false)
  })

  test('an empty folder is filled', async () => {
    await writeBundle(folder, clip)
    expect(json('config.json').model_type).toBe('clip')
  })

  test.each(['notes.txt', '.git/config', 'onnx/deep/model.onnx', 'sub/config.json'])(
    'a folder with %s is left alone',
    async (file) => {
      const target = join(folder, 'b')
      await writeBundle(target, clip)
      mkdirSync(join(target, file, '..'), { recursive: true })
      writeFileSync(join(target, file), 'mine')
      const before = readFileSync(join(target, 'config.json'))
      const error = await writeBundle(target, clip).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).toMatchObject({ code: 'bundle/not-a-bundle', facts: { file } })
      expect(readFileSync(join(target, file), 'utf8')).toBe('mine')
      expect(readFileSync(join(target, 'config.json'))).toEqual(before)
    },
  )

  test('a file is left alone', async () => {
    writeFileSync(join(folder, 'b'), 'mine')
    await expect(writeBundle(join(folder, 'b'), clip)).rejects.toMatchObject({ code: 'bundle/not-a-bundle' })
    expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('mine')
  })
})

describe('parts of different models', () => {
  const longer = trainBpe(['a longer text with many other words'], {
    vocabularySize: 600,
    minimumFrequency: 1,
  })
  const otherTokenizer = Tokenizer.fromJson(longer.json, longer.config)
  const without = new Map(clip.weights)
  without.delete('text_projection.weight')
  const shifted = new Map(clip.weights).set(
    'visual_projection.weight',
    float32([32, 24], new Float32Array(768)),
  )

  test.each<[string, Partial<Bundle>, string, string]>([
    ['a larger vocabulary', { tokenizer: otherTokenizer }, 'bundle/tokenizer', 'vocab_size'],
    ['images of another size', { image: { ...clip.image, size: 48 } }, 'bundle/image-size', '48'],
    [
      'a missing tensor',
      { weights: without },
      'checkpoint/mismatch',
      '"text_projection.weight" [24,32] is missing',
    ],
    [
      'a tensor of another shape',
      { weights: shifted },
      'checkpoint/mismatch',
      '"visual_projection.weight" has shape [32,24], the config needs [24,32]',
    ],
  ])('%s: nothing is written', async (_name, part, code, text) => {
    const error = await writeBundle(join(folder, 'b'), { ...clip, ...part }).catch(
      (caught: unknown) => caught,
    )
    expect(error).toBeInstanceOf(CheckpointError)
    expect(error).toMatchObject({ code, message: expect.stringContaining(text) })
    expect(readdirSync(folder)).toEqual([])
  })

  test('another end token', async () => {
    const few = trainBpe(['aa'], { vocabularySize: 515, minimumFrequency: 1 })
    const tokenizer = Tokenizer.fromJson(few.json, few.config)
    await expect(writeBundle(join(folder, 'b'), { ...clip, tokenizer })).rejects.toMatchObject({
      code: 'bundle/tokenizer',
      message: expect.stringContaining('eos_token_id'),
    })
  })
})
