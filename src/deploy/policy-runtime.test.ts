import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { tinyBundle, tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { CheckpointError, type HostArray, int64, random } from '../core/index.ts'
import { type CameraPixels, loader, type Sample, Tokenizer, withLearnedWords } from '../data/index.ts'
import { Engine, Program } from '../engine/index.ts'
import { PolicyModel, policyConfig } from '../models/index.ts'
import { writeBundle } from './bundle.ts'
import { DualEncoderRuntime } from './dual-encoder-runtime.ts'
import { imageOptionsOf } from './image-processing.ts'
import { PolicyRuntime } from './policy-runtime.ts'
import type { Prediction } from './prediction.ts'
import { readBundle } from './read-bundle.ts'

const root = mkdtempSync(join(tmpdir(), 'policy-runtime-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const bundle = tinyPolicy()
const folder = join(root, 'policy')
let runtime: PolicyRuntime
beforeAll(async () => {
  await writeBundle(folder, bundle)
  runtime = await PolicyRuntime.load(folder)
})

const stream = random(4, 'pixels')
const camera = (width: number, height = width): CameraPixels => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, () => stream.integer(256)),
})
const png = async ({ width, height, data }: CameraPixels) => ({
  bytes: await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer(),
})

function expectClose(found: Prediction, expected: Prediction): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected))
  for (const [label, numbers] of Object.entries(expected)) {
    numbers.forEach((number, i) => {
      expect(found[label]![i], `${label} ${i}`).toBeCloseTo(number, 4)
    })
  }
}

describe('the bundle of a policy', () => {
  test('has what the bundle of any model has, and one graph', () => {
    const files = readdirSync(folder, { recursive: true }).sort()
    expect(files).toEqual([
      'config.json',
      'manifest.json',
      'model.safetensors',
      'onnx',
      join('onnx', 'frames.onnx'),
      join('onnx', 'model.onnx'),
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({
      architectures: ['VisuomotorPolicy'],
      model_type: 'visuomotor_policy',
      vision_config: { model_type: 'clip_vision_model' },
    })
  })

  test('is read as it was written', () => {
    const { model, weights, image } = readBundle(folder)
    expect(model.config).toEqual(bundle.model.config)
    expect(weights).toEqual(bundle.weights)
    expect(image).toEqual(bundle.image)
  })

  test('has a graph that predicts what the runtime does, for any batch and any length of text', async () => {
    const program = await new Engine({ threads: 1 }).load(readFileSync(join(folder, 'onnx/model.onnx')))
    const observations = [camera(32), camera(32)].map((pixels) => ({ pixels, command: 'a red car' }))
    const predictions = await runtime.predictAll(observations)
    const { inputIds } = bundle.tokenizer.encode('a red car', 8)
    const batches = loader({
      source: sourceOf(await Promise.all(observations.map(({ pixels }) => png(pixels)))),
      mode: 'evaluate',
      batchSize: 2,
      seed: 0,
      workers: 0,
      ...imageOptionsOf(bundle.image),
    })
    for await (const { arrays } of batches) {
      const results = await program.run({
        pixel_values: arrays.pixelValues as HostArray<'float32'>,
        input_ids: int64([2, 8], [...inputIds, ...inputIds]),
      })
      const grasps = results['grasping.values']!.data as Float32Array
      expectClose({ grasp: Array.from(grasps) }, { grasp: predictions.flatMap(({ grasp }) => [...grasp!]) })
      expect(results.attention!.dims).toEqual([2, 16])
    }
  })
})

const sourceOf = (images: readonly { bytes: Uint8Array }[]) => ({
  name: 'pictures',
  async *samples(): AsyncGenerator<Sample> {
    for (const [i, image] of images.entries())
      yield { id: `${i}`, image, captions: [''], origin: { file: 'nowhere' } }
  },
})

describe('a policy at work', () => {
  test('gives numbers under the names of their labels', async () => {
    const prediction = await runtime.predict({ pixels: camera(32), command: 'a red car' })
    const lengths = Object.fromEntries(
      Object.entries(prediction).map(([label, { length }]) => [label, length]),
    )
    expect(lengths).toEqual({ box: 4, category: 3, grasp: 6, joints: 7 })
    expect(runtime.labels).toEqual(Object.keys(lengths))
    expect(prediction.category!.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
  })

  test('sees in the bytes of a camera what it sees in a picture of them, at its own size and at others', async () => {
    for (const pixels of [camera(32), camera(48), camera(64, 40), camera(160, 120)]) {
      const command = 'a green apple'
      expectClose(
        await runtime.predict({ pixels, command }),
        await runtime.predict({ pixels: await png(pixels), command }),
      )
    }
  })

  test.each([
    ['bare bytes', new Uint8Array(3 * 32 * 32)],
    ['too few bytes', { ...camera(32), height: 33 }],
    ['bytes with transparency', { ...camera(32), data: new Uint8Array(4 * 32 * 32) }],
    ['nothing', { width: 0, height: 0, data: new Uint8Array() }],
  ])('refuses %s instead of a picture', async (_, pixels) => {
    const observations = [camera(32), pixels as CameraPixels].map((picture) => ({
      pixels: picture,
      command: 'a red car',
    }))
    await expect(runtime.predictAll(observations)).rejects.toMatchObject({
      code: 'data/camera-pixels',
      message: expect.stringMatching(/^observation 1: /),
    })
  })

  test('does as it is told', async () => {
    const pixels = camera(32)
    const [red, green] = await runtime.predictAll([
      { pixels, command: 'a red apple' },
      { pixels, command: 'a green apple' },
    ])
    expect(red!.grasp).not.toEqual(green!.grasp)
    expectClose(red!, await runtime.predict({ pixels, command: 'a red apple' }))
  })
})

describe('classes of a prediction', () => {
  const named = (classNames?: readonly string[]) => {
    const { config } = bundle.model
    const detection = { ...config.heads.detection, ...(classNames && { classNames }) }
    return new PolicyModel(policyConfig.parse({ ...config, heads: { ...config.heads, detection } }))
  }

  test('have the names that the bundle holds, the most probable first', async () => {
    const names = ['apple', 'car', 'cup']
    await writeBundle(join(root, 'named'), { ...bundle, model: named(names) })
    const policy = await PolicyRuntime.load(join(root, 'named'))
    expect(policy.classNames).toEqual({ category: names })
    const prediction = await policy.predict({ pixels: camera(32), command: 'a red car' })
    const { category = [] } = policy.classesOf(prediction)
    const byProbability = [...prediction.category!].sort((a, b) => b - a)
    expect(category.map(({ probability }) => probability)).toEqual(byProbability)
    expect(category[0]!.name).toBe(names[prediction.category!.indexOf(byProbability[0]!)])
  })

  test('have their numbers where the bundle holds no names', async () => {
    expect(runtime.classNames).toEqual({})
    const { category = [] } = runtime.classesOf({ category: [0.2, 0.7, 0.1] })
    expect(category.map(({ name }) => name)).toEqual(['1', '0', '2'])
  })

  test('have as many names as there are', () => {
    expect(() => named(['apple', 'car'])).toThrow(/as many names as there are classes/)
  })
})

describe('a command', () => {
  const texts = { words: ['a', 'car', 'cup', 'pick', 'red', 'the', 'up'], commands: true }
  const tokenizer = Tokenizer.fromJson(
    bundle.tokenizer.json,
    withLearnedWords(bundle.tokenizer.config, texts),
  )
  const notes: string[] = []
  let policy: PolicyRuntime
  beforeAll(async () => {
    await writeBundle(join(root, 'words'), { ...bundle, tokenizer })
    policy = await PolicyRuntime.load(join(root, 'words'), { onNote: (text) => notes.push(text) })
  })
  const told = async (command: string) => {
    notes.length = 0
    await policy.predict({ pixels: camera(32), command })
    return [...notes]
  }

  test('of learned words is followed without a word', async () => {
    expect(await told('Pick up the red cup')).toEqual([])
  })

  test('with words that were never learned is told, once', async () => {
    const command = 'pick up the banana beside the cup'
    expect(policy.unlearned(command)).toEqual(['banana', 'beside'])
    expect(await told(command)).toEqual([
      `the policy never learned "banana", "beside" of the command "${command}"`,
    ])
    expect(await told(command)).toEqual([])
  })

  test('without a verb is told', async () => {
    expect(await told('the red cup')).toEqual([
      '"the red cup" is no command: it has no verb that says what to do',
    ])
  })

  test.each(['', ' \n', '?!', 'hello', 'Wie geht es dir?'])('%j is none, and is refused', async (command) => {
    const error = await policy.predict({ pixels: camera(32), command }).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'data/no-command', facts: { command } })
  })

  test('is a warning of the process by default, and the notes end', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const quiet = new PolicyRuntime(policy.description, policy.runner)
    for (let i = 0; i < 30; i++) await quiet.predict({ pixels: camera(32), command: `pick up the cup${i}` })
    expect(warn).toHaveBeenCalledTimes(11)
    expect(warn.mock.calls.at(-1)![0]).toMatch(/further commands/)
    warn.mockRestore()
  })

  test('has no words without a record of learned words: only a text without any is refused', async () => {
    await runtime.predict({ pixels: camera(32), command: 'xyzzy' })
    await expect(runtime.predict({ pixels: camera(32), command: '!' })).rejects.toMatchObject({
      code: 'data/no-command',
    })
  })
})

test.each([
  ['policy', PolicyRuntime, tinyPolicy()],
  ['dual encoder', DualEncoderRuntime, tinyBundle('clip')],
] as const)('a %s is not loaded on a device that does not work', async (name, runtimeOf, contents) => {
  await writeBundle(join(root, name), contents)
  vi.spyOn(Program, 'create').mockRejectedValueOnce(new Error('no driver'))
  await expect(runtimeOf.load(join(root, name))).rejects.toMatchObject({ code: 'engine/device-fails' })
})

describe('a bundle that does not fit', () => {
  const codeOf = async (action: () => Promise<unknown>): Promise<CheckpointError> => {
    const error = await action().then(
      () => undefined,
      (cause: unknown) => cause,
    )
    expect(error).toBeInstanceOf(CheckpointError)
    return error as CheckpointError
  }

  test('to act with has no heads', async () => {
    await writeBundle(join(root, 'clip'), tinyBundle('clip'))
    const error = await codeOf(() => PolicyRuntime.load(join(root, 'clip')))
    expect(error).toMatchObject({ code: 'bundle/model-type' })
    expect(error.message).toMatch(/clip model, which has no heads to act with/)
  })

  test('to search with is a policy', async () => {
    const error = await codeOf(() => DualEncoderRuntime.load(folder))
    expect(error.message).toMatch(/holds a policy.*PolicyRuntime/)
  })

  test('a task lacks its head', () => {
    expect(() => runtime.requireLabels('navigation', ['navigation'])).toThrow(
      /navigation needs navigation, but the policy has heads for box, category, grasp, joints only/,
    )
    expect(() => runtime.requireLabels('grasping', ['grasp', 'box'])).not.toThrow()
  })

  test('has weights of other heads', async () => {
    const other = join(root, 'other')
    await writeBundle(other, bundle)
    for (const part of ['onnx', 'manifest.json']) rmSync(join(other, part), { recursive: true })
    const config = JSON.parse(readFileSync(join(other, 'config.json'), 'utf8'))
    Object.assign(config.heads.manipulation, { length: 6, mean: Array(6).fill(0) })
    writeFileSync(join(other, 'config.json'), JSON.stringify(config))
    const error = await codeOf(() => PolicyRuntime.load(other))
    expect(error.message).toMatch(
      /heads\.manipulation\.layers\.0\.weight" has shape \[7,24\], the config needs \[6,24\]/,
    )
    config.heads.manipulation.kind = 'wings'
    writeFileSync(join(other, 'config.json'), JSON.stringify(config))
    expect(await codeOf(() => PolicyRuntime.load(other))).toMatchObject({ code: 'bundle/config' })
  })
})

describe('a policy that is told nothing', () => {
  const pixels = camera(32)

  test('reads the start and the end of a text alone; an empty text is still no command', async () => {
    const silent = await runtime.predict({ pixels, command: undefined })
    const { inputIds } = bundle.tokenizer.encode('', bundle.model.inputs.text.length)
    expect(inputIds.slice(0, 2)).toEqual([bundle.tokenizer.startId, bundle.tokenizer.endId])
    expect(silent).not.toEqual(await runtime.predict({ pixels, command: 'a red car' }))
    expect(silent).toEqual(await runtime.predict({ pixels, command: undefined }))
    await expect(runtime.predict({ pixels, command: '' })).rejects.toMatchObject({ code: 'data/no-command' })
  })

  test('tells where it looks for a command: weights of the patches, which sum to 1', async () => {
    const weights = await runtime.attention({ pixels, command: 'a red car' })
    expect(weights).toHaveLength(16)
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5)
    expect(weights).not.toEqual(await runtime.attention({ pixels, command: 'a green apple' }))
  })
})
