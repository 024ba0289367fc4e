import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  AutoProcessor,
  AutoTokenizer,
  CLIPTextModelWithProjection,
  CLIPVisionModelWithProjection,
  env,
  pipeline,
  RawImage,
} from '@huggingface/transformers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { int8, int8Options } from '../../src/compression/quantization/index.ts'
import { writeCompressed } from '../../src/compression/write-compressed.ts'
import { bundleDigest, DualEncoderRuntime, readBundle, writeBundle } from '../../src/deploy/index.ts'
import { toolsFor } from '../support/calibration.ts'
import { emojiPicture } from '../support/emoji-picture.ts'
import { tinyBundle } from '../support/tiny-bundle.ts'

const folder = mkdtempSync(join(tmpdir(), 'transformers-js-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const picture = join(folder, 'picture.png')
// The last is longer than the 16 tokens that the model reads.
const labels = [
  'red apple',
  'car',
  'cat',
  'dog on the table with a red apple, a green apple and a small red car',
]
const texts = labels.map((label) => `a photo of a ${label}`)

beforeAll(async () => {
  env.allowRemoteModels = false
  env.localModelPath = folder
  writeFileSync(picture, await emojiPicture(32))
})

describe.each(['clip', 'siglip'] as const)('a %s bundle', (type) => {
  let runtime: DualEncoderRuntime
  beforeAll(async () => {
    await writeBundle(join(folder, type), tinyBundle(type))
    runtime = await DualEncoderRuntime.load(join(folder, type))
  })

  test('classifies in the zero-shot pipeline as our runtime does', async () => {
    const classify = await pipeline('zero-shot-image-classification', type, { dtype: 'fp32' })
    const options = { hypothesis_template: 'a photo of a {}' }
    const answers = (await classify(picture, labels, options)) as { label: string; score: number }[]
    const scores = new Map(answers.map(({ label, score }) => [label, score]))
    const expected = await probabilities(runtime, join(folder, type))
    expect(new Set(expected.map((p) => p.toPrecision(4))).size, 'probabilities differ').toBe(labels.length)
    labels.forEach((label, i) => {
      expect(Math.abs(scores.get(label)! / expected[i]! - 1), label).toBeLessThan(1e-4)
    })
  })
})

test('the towers of a CLIP bundle work alone', async () => {
  const runtime = await DualEncoderRuntime.load(join(folder, 'clip'))
  const tokenizer = await AutoTokenizer.from_pretrained('clip')
  const processor = await AutoProcessor.from_pretrained('clip')
  const options = { dtype: 'fp32' } as const
  const textModel = await CLIPTextModelWithProjection.from_pretrained('clip', options)
  const visionModel = await CLIPVisionModelWithProjection.from_pretrained('clip', options)
  const { text_embeds } = await textModel(tokenizer(texts, { padding: true, truncation: true }))
  const { image_embeds } = await visionModel(await processor(await RawImage.read(picture)))
  expectClose(text_embeds.normalize().data, await runtime.embedTexts(texts))
  expectClose(image_embeds.normalize().data, await runtime.embedImages([{ file: picture }]))
})

test('a bundle in int8 runs under the plain names', async () => {
  const bundle = tinyBundle('clip')
  const subject = await int8.apply(int8Options(), { bundle, passes: [] }, toolsFor(bundle))
  await writeCompressed(join(folder, 'int8'), subject, {
    from: { source: 'clip', digest: bundleDigest(bundle) },
  })
  const runtime = await DualEncoderRuntime.load(join(folder, 'int8'))
  const tokenizer = await AutoTokenizer.from_pretrained('int8')
  const model = await CLIPTextModelWithProjection.from_pretrained('int8', { dtype: 'fp32' })
  const { text_embeds } = await model(tokenizer(texts, { padding: true, truncation: true }))
  // Another version of ONNX Runtime: a number that is rounded otherwise before it becomes a code moves by a step.
  expectClose(text_embeds.normalize().data, await runtime.embedTexts(texts), 0.02)
})

test('a bundle with room for adapters is its base where none is fed', async () => {
  const slots = { rank: 4, targetModules: ['*.q_proj', '*.v_proj'] }
  await writeBundle(join(folder, 'slots'), tinyBundle('clip'), { slots })
  const runtime = await DualEncoderRuntime.load(join(folder, 'clip'))
  const tokenizer = await AutoTokenizer.from_pretrained('slots')
  const model = await CLIPTextModelWithProjection.from_pretrained('slots', { dtype: 'fp32' })
  const { text_embeds } = await model(tokenizer(texts, { padding: true, truncation: true }))
  expectClose(text_embeds.normalize().data, await runtime.embedTexts(texts))
})

/** Softmax over the labels for CLIP, a sigmoid of each for SigLIP. */
async function probabilities(runtime: DualEncoderRuntime, bundle: string): Promise<number[]> {
  const { weights } = readBundle(bundle)
  const image = await runtime.embedImages([{ file: picture }])
  const features = await runtime.embedTexts(texts)
  const scale = Math.exp(weights.get('logit_scale')!.data[0]!)
  const bias = weights.get('logit_bias')?.data[0]
  const logits = texts.map((_, i) => {
    const row = features.subarray(i * image.length, (i + 1) * image.length)
    return scale * row.reduce((sum, value, k) => sum + value * image[k]!, 0) + (bias ?? 0)
  })
  if (bias !== undefined) return logits.map((logit) => 1 / (1 + Math.exp(-logit)))
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0)
  return logits.map((logit) => Math.exp(logit) / total)
}

function expectClose(actual: Float32Array, expected: Float32Array, tolerance = 1e-4): void {
  expect(actual.length).toBe(expected.length)
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(tolerance)
}
