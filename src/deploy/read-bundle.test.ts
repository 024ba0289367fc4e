import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { tinyBundle } from '../../test/support/tiny-bundle.ts'
import {
  CheckpointError,
  ConfigError,
  encodeSafetensors,
  float32,
  type HostArray,
  hostArray,
  readSafetensors,
  writeSafetensors,
} from '../core/index.ts'
import { clipTokenizerFiles } from '../data/text/clip-scheme.ts'
import { type Bundle, writeBundle as writeListed, writeModelFiles } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { manifestFile } from './manifest.ts'
import { readBundle } from './read-bundle.ts'

const root = mkdtempSync(join(tmpdir(), 'read-bundle-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const clip = tinyBundle('clip')
const siglip = tinyBundle('siglip')
const visionText = tinyBundle('vision-text')
const written = join(root, 'written')
let folder: string
let count = 0
/** A bundle as a folder of Hugging Face's, whose files are not listed. */
async function writeBundle(directory: string, bundle: Bundle): Promise<void> {
  await writeListed(directory, bundle)
  rmSync(join(directory, manifestFile))
}

beforeAll(() => writeBundle(written, clip))
beforeEach(() => {
  folder = join(root, `case-${count++}`)
})

const edit = (file: string, change: (content: Record<string, unknown>) => object) => {
  const path = join(folder, file)
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))))
}

function caught(action: () => unknown): CheckpointError | ConfigError {
  try {
    action()
  } catch (error) {
    if (error instanceof CheckpointError || error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test.each([clip, siglip, visionText])('reads what was written', async (bundle) => {
  await writeBundle(folder, bundle)
  const { model, tokenizer, image, weights } = readBundle(folder)
  expect(model.constructor).toBe(bundle.model.constructor)
  expect(model.config).toEqual(bundle.model.config)
  expect(weights).toEqual(bundle.weights)
  expect(image).toEqual(bundle.image)
  expect(tokenizer.encode('A red apple', 9)).toEqual(bundle.tokenizer.encode('A red apple', 9))
})

describe('a model with BERT', () => {
  beforeEach(() => writeBundle(folder, visionText))

  test('is read with the names of transformers 4 and of files from the time of TensorFlow', () => {
    const older = ([name, value]: [string, HostArray<'float32'>]) =>
      [
        name
          .replace(/^vision_model\./, 'vision_model.vision_model.')
          .replace('LayerNorm.weight', 'LayerNorm.gamma')
          .replace('LayerNorm.bias', 'LayerNorm.beta'),
        value,
      ] as const
    const renamed = new Map([...visionText.weights].map(older))
    expect(renamed.has('vision_model.vision_model.embeddings.class_embedding')).toBe(true)
    expect(renamed.has('text_model.embeddings.LayerNorm.gamma')).toBe(true)
    writeSafetensors(join(folder, 'model.safetensors'), renamed)
    expect(readBundle(folder).weights).toEqual(visionText.weights)
  })

  test('is refused with a tokenizer that fills texts with a token which the model sees', () => {
    edit('config.json', (config) => ({
      ...config,
      text_config: { ...(config.text_config as object), pad_token_id: 7 },
    }))
    const error = caught(() => readBundle(folder))
    expect(error.code).toBe('bundle/tokenizer')
    expect(error.message).toContain('fills texts with 0, but text_config.pad_token_id')
  })
})

describe('a folder of Hugging Face', () => {
  /** A model made in Python, with a tokenizer whose special tokens are those of its config. */
  function pythonFolder(): void {
    cpSync(join(import.meta.dirname, '../../test/golden/clip/quick-gelu'), folder, { recursive: true })
    const letters = Array.from({ length: 97 }, (_, i) => String.fromCodePoint(0x61 + i))
    const { json, config } = clipTokenizerFiles(letters, [], 14)
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json))
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config))
    // The form of OpenAI's own file.
    const processor = {
      feature_extractor_type: 'CLIPFeatureExtractor',
      do_center_crop: true,
      do_normalize: true,
      do_resize: true,
      crop_size: 32,
      size: 32,
      resample: 3,
      image_mean: [0.1, 0.2, 0.3],
      image_std: [0.4, 0.5, 0.6],
    }
    writeFileSync(join(folder, 'preprocessor_config.json'), JSON.stringify(processor))
  }

  test('made by Python', () => {
    pythonFolder()
    const { model, image, weights } = readBundle(folder)
    expect(model.config).toMatchObject({ model_type: 'clip', projection_dim: 20 })
    expect(weights.get('text_projection.weight')!.shape).toEqual([20, 24])
    const statistics = { mean: [0.1, 0.2, 0.3], std: [0.4, 0.5, 0.6] }
    expect(image).toEqual({ size: 32, fit: 'cover', background: [1, 1, 1], ...statistics })
  })

  test('with eos_token_id 2, as configs were before 2023', () => {
    pythonFolder()
    edit('config.json', ({ text_config, ...config }) => ({
      ...config,
      text_config: { ...(text_config as object), eos_token_id: 2 },
    }))
    expect(readBundle(folder).model.config).toMatchObject({ text_config: { eos_token_id: 2 } })
  })

  test('with its towers under text_config_dict and vision_config_dict, as in 2022', () => {
    pythonFolder()
    const { config } = readBundle(folder).model
    edit('config.json', ({ text_config, vision_config, ...rest }) => ({
      ...rest,
      text_config: { hidden_size: 512 }, // loses against the other, as in Python
      text_config_dict: text_config,
      vision_config_dict: vision_config,
    }))
    expect(readBundle(folder).model.config).toEqual(config)
  })

  test('with projection_size null: as wide as the text tower', async () => {
    await writeBundle(folder, siglip)
    edit('config.json', ({ text_config, ...config }) => ({
      ...config,
      text_config: { ...(text_config as object), projection_size: null },
    }))
    const { config } = readBundle(folder).model as unknown as {
      config: { text_config: Record<string, unknown> }
    }
    expect(config.text_config.projection_size).toBe(config.text_config.hidden_size)
  })

  test('without a vision head: names the key', async () => {
    await writeBundle(folder, siglip)
    edit('config.json', ({ vision_config, ...config }) => ({
      ...config,
      vision_config: { ...(vision_config as object), vision_use_head: false },
    }))
    const error = caught(() => readBundle(folder))
    expect(error.code).toBe('bundle/config')
    expect(error.message).toMatch(/config\.json: vision_config\.vision_use_head: without a head/)
  })

  test('whose images name no class: the one of its family', async () => {
    await writeBundle(folder, siglip)
    edit('preprocessor_config.json', () => ({ size: { height: 32, width: 32 } }))
    expect(readBundle(folder).image).toMatchObject({ size: 32, fit: 'fill', mean: [0.5, 0.5, 0.5] })
  })

  test('with settings in processor_config.json, as transformers 5 saves them', () => {
    pythonFolder()
    const own = join(folder, 'preprocessor_config.json')
    const image_processor = JSON.parse(readFileSync(own, 'utf8'))
    rmSync(own)
    writeFileSync(join(folder, 'processor_config.json'), JSON.stringify({ image_processor }))
    expect(readBundle(folder).image.mean).toEqual([0.1, 0.2, 0.3])
  })

  test('whose images are stretched, as by SigLIP', async () => {
    await writeBundle(folder, siglip)
    edit('preprocessor_config.json', () => ({
      image_processor_type: 'SiglipImageProcessor',
      size: { height: 32, width: 32 },
      image_mean: [0.5, 0.5, 0.5],
      image_std: [0.5, 0.5, 0.5],
      do_convert_rgb: null,
    }))
    expect(readBundle(folder).image).toMatchObject({ size: 32, fit: 'fill', mean: [0.5, 0.5, 0.5] })
  })

  test('in half precision and with position_ids', async () => {
    await writeBundle(folder, clip)
    const arrays = new Map<string, HostArray>(clip.weights)
    const shape = clip.weights.get('visual_projection.weight')!.shape
    const bits = [0x3c00, 0xc000, 0x3555, 0x0001, 0x8000, 0x7bff, 0x7c00]
    const numbers = [1, -2, 0.333251953125, 2 ** -24, -0, 65504, Number.POSITIVE_INFINITY]
    const data = new Uint16Array(shape[0]! * shape[1]!)
    data.set(bits)
    arrays.set('visual_projection.weight', hostArray('float16', shape, data))
    arrays.set('text_model.embeddings.position_ids', hostArray('int64', [1, 2], new BigInt64Array([0n, 1n])))
    writeSafetensors(join(folder, 'model.safetensors'), arrays)
    const { weights, leftOut } = readBundle(folder)
    expect(leftOut).toEqual(['text_model.embeddings.position_ids'])
    expect([...weights.get('visual_projection.weight')!.data.subarray(0, 7)]).toEqual(numbers)
    expect([...weights.keys()].sort()).toEqual([...clip.weights.keys()].sort())
  })

  test('with weights in shards, beside a float64 buffer that no parameter needs', () => {
    pythonFolder()
    const { weights } = readBundle(folder)
    const file = join(folder, 'model.safetensors')
    const [first = [], second = []] = halves([...readSafetensors(file).tensors])
    rmSync(file)
    writeSafetensors(join(folder, 'model-00001-of-00002.safetensors'), first)
    writeFileSync(join(folder, 'model-00002-of-00002.safetensors'), withFloat64(second))
    const shardOf = (names: typeof first, shard: number) =>
      names.map(([name]) => [name, `model-0000${shard}-of-00002.safetensors`])
    const weight_map = Object.fromEntries([
      ...shardOf(first, 1),
      ...shardOf(second, 2),
      ['position_ids', 'model-00002-of-00002.safetensors'],
    ])
    writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }))
    expect(readBundle(folder).weights).toEqual(weights)
    expect(caught(() => readBundle(folder, { checkpoint: 'last' })).message).toContain('.index.json')
  })

  test('with a weight of whole numbers: names it', async () => {
    await writeBundle(folder, clip)
    const arrays = new Map<string, HostArray>(clip.weights)
    arrays.set('logit_scale', hostArray('int32', [], new Int32Array([4])))
    writeSafetensors(join(folder, 'model.safetensors'), arrays)
    const error = caught(() => readBundle(folder))
    expect(error).toMatchObject({ code: 'checkpoint/dtype', facts: { tensor: 'logit_scale' } })
  })

  test('with pytorch_model.bin only: says how to convert it', async () => {
    pythonFolder()
    rmSync(join(folder, 'model.safetensors'))
    writeFileSync(join(folder, 'pytorch_model.bin'), '')
    const error = caught(() => readBundle(folder))
    expect(error.code).toBe('bundle/missing')
    expect(error.message).toContain('save_pretrained')
  })
})

const halves = <T>(list: readonly T[]): T[][] => [list.slice(0, list.length / 2), list.slice(list.length / 2)]

/** A safetensors file with a float64 array behind the others, which can only be written by hand. */
function withFloat64(arrays: readonly (readonly [string, HostArray])[]): Buffer {
  const [header = new Uint8Array(), ...chunks] = encodeSafetensors(arrays)
  const length = Number(Buffer.from(header).readBigUInt64LE())
  const entries = JSON.parse(Buffer.from(header.subarray(8, 8 + length)).toString())
  const end = Buffer.concat(chunks).length
  entries.position_ids = { dtype: 'F64', shape: [2], data_offsets: [end, end + 16] }
  const text = Buffer.from(JSON.stringify(entries))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([prefix, text, ...chunks, Buffer.alloc(16)])
}

describe('a run', () => {
  const withScale = (value: number): Bundle['weights'] =>
    new Map(clip.weights).set('logit_scale', float32([], [value]))

  function runFolder(steps: readonly number[], best?: number): void {
    mkdirSync(folder)
    writeModelFiles(folder, clip)
    for (const step of steps) {
      const directory = join(folder, 'checkpoints', String(step))
      mkdirSync(directory, { recursive: true })
      writeSafetensors(join(directory, 'model.safetensors'), withScale(step))
      const monitor =
        best === undefined ? undefined : { best: { step: best, value: 41 }, validationsSinceBest: 1 }
      writeFileSync(
        join(directory, 'state.json'),
        JSON.stringify({ step, monitor, trainSeconds: 1, waitSeconds: 0 }),
      )
    }
    mkdirSync(join(folder, 'checkpoints', '99.123.tmp'), { recursive: true })
  }
  const stepRead = (options: { checkpoint?: CheckpointChoice } = {}) =>
    readBundle(folder, options).weights.get('logit_scale')!.data[0]

  test('gives its best, its last, or a step', () => {
    runFolder([2, 8, 10], 8)
    expect(stepRead()).toBe(8)
    expect(stepRead({ checkpoint: 'best' })).toBe(8)
    expect(stepRead({ checkpoint: 'last' })).toBe(10)
    expect(stepRead({ checkpoint: 2 })).toBe(2)
  })

  test('without validation has no best: its last is taken', () => {
    runFolder([9, 10])
    expect(stepRead()).toBe(10)
  })

  test.each<[string, 'best' | number]>([
    ['a step', 5],
    ['the best', 'best'],
  ])('names its checkpoints when %s is not there', (_name, checkpoint) => {
    runFolder([2, 10], 5)
    const error = caught(() => readBundle(folder, { checkpoint }))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(/step 5.*2, 10/)
  })

  test('without checkpoints', () => {
    runFolder([])
    expect(caught(() => readBundle(folder))).toMatchObject({ code: 'bundle/no-checkpoint' })
  })

  test('with a damaged state', () => {
    runFolder([1])
    writeFileSync(join(folder, 'checkpoints/1/state.json'), '{"monitor":{"best":{"step":"one"}}}')
    expect(caught(() => readBundle(folder))).toMatchObject({ code: 'checkpoint/state' })
  })
})

describe('names the file and the way out when', () => {
  beforeEach(() => cpSync(written, folder, { recursive: true }))

  test.each([
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    'preprocessor_config.json',
    'model.safetensors',
  ])('%s is missing', (file) => {
    rmSync(join(folder, file))
    const error = caught(() => readBundle(folder))
    expect(error).toBeInstanceOf(CheckpointError)
    expect(error.message).toContain(file)
    expect(error.message).toContain(folder)
  })

  test.each(['config.json', 'tokenizer.json', 'preprocessor_config.json', 'model.safetensors'])(
    '%s is cut short',
    (file) => {
      truncateSync(join(folder, file), 100)
      const error = caught(() => readBundle(folder))
      expect(error).toBeInstanceOf(CheckpointError)
      expect(error.message).toContain(folder)
    },
  )

  const vision = ({ vision_config, ...config }: Record<string, unknown>, change: object) => ({
    ...config,
    vision_config: { ...(vision_config as object), ...change },
  })
  test.each<[string, string, (content: Record<string, unknown>) => object, string, RegExp]>([
    [
      'the model is another',
      'config.json',
      (c) => ({ ...c, model_type: 'blip' }),
      'bundle/model-type',
      /"blip"/,
    ],
    ['the config is no object', 'config.json', () => [], 'bundle/model-type', /undefined/],
    [
      'a size is no number',
      'config.json',
      (c) => vision(c, { hidden_size: 'wide' }),
      'bundle/config',
      /vision_config\.hidden_size: .*number/,
    ],
    [
      'tensors have other shapes',
      'config.json',
      (c) => vision(c, { intermediate_size: 50 }),
      'checkpoint/mismatch',
      /"vision_model\.encoder\.layers\.0\.mlp\.fc1\.weight" has shape \[48,32\], the config needs \[50,32\]/,
    ],
    [
      'layers are missing',
      'config.json',
      (c) => vision(c, { num_hidden_layers: 3 }),
      'checkpoint/mismatch',
      /"vision_model\.encoder\.layers\.2\..*is missing.*and 11 more/,
    ],
    [
      'images have another size',
      'preprocessor_config.json',
      (c) => ({ ...c, size: 64, crop_size: 64 }),
      'bundle/image-size',
      /64 pixels.*image_size is 32/,
    ],
    [
      'images are cut smaller than scaled',
      'preprocessor_config.json',
      (c) => ({ ...c, crop_size: { height: 28, width: 28 } }),
      'bundle/image-size',
      /28 pixels.*image_size is 32/,
    ],
    [
      'images are not square',
      'preprocessor_config.json',
      (c) => ({ ...c, crop_size: { height: 28, width: 32 } }),
      'bundle/image-processing',
      /crop_size/,
    ],
    [
      'images are scaled another way',
      'preprocessor_config.json',
      (c) => ({ ...c, resample: 0 }),
      'bundle/image-processing',
      /resample/,
    ],
  ])('%s', (_name, file, change, code, message) => {
    edit(file, change)
    const error = caught(() => readBundle(folder))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
    expect(error.message).toContain(folder)
  })

  test('a checkpoint is asked of a bundle', () => {
    expect(caught(() => readBundle(folder, { checkpoint: 'last' }))).toBeInstanceOf(ConfigError)
  })

  test('the folder does not exist', () => {
    const error = caught(() => readBundle(join(root, 'nowhere')))
    expect(error).toMatchObject({ code: 'bundle/missing', message: expect.stringContaining('nowhere') })
    expect(error.message).toContain('does not exist')
  })
})
