import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { tinyBundle, tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { CheckpointError, float32, type HostArray, int64, random, writeSafetensors } from '../core/index.ts'
import { Arena, arenaLayout, Engine, Program } from '../engine/index.ts'
import { input, writeOnnx } from '../graph/index.ts'
import { DualEncoderPrograms, type Model, PolicyPrograms } from '../models/index.ts'
import { type Bundle, writeBundle } from './bundle.ts'
import { DualEncoderRuntime } from './dual-encoder-runtime.ts'
import { manifestFile, writeManifest } from './manifest.ts'
import { PolicyRuntime } from './policy-runtime.ts'

const root = mkdtempSync(join(tmpdir(), 'shipped-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const bundles = { clip: tinyBundle('clip'), siglip: tinyBundle('siglip'), policy: tinyPolicy() }
const written = (name: keyof typeof bundles) => join(root, name)
beforeAll(async () => {
  for (const name of ['clip', 'siglip', 'policy'] as const) await writeBundle(written(name), bundles[name])
})

/** The weights as training holds them. */
async function arenaOf({ weights }: Bundle<Model>, engine: Engine): Promise<Arena> {
  const layout = arenaLayout([Array.from(weights, ([name, { shape }]) => ({ name, shape }))])
  const arena = await Arena.create(engine, layout)
  await arena.write(weights)
  return arena
}

const stream = random(5, 'pixels')
const pixels = float32(
  [3, 3, 32, 32],
  Float32Array.from({ length: 3 * 3 * 32 * 32 }, () => stream.normal()),
)
const texts = ['a red apple', 'a photo of a dog', 'a green apple on a table '.repeat(9)]
const tokens = ({ tokenizer }: Bundle<Model>): HostArray =>
  int64(
    [3, 16],
    texts.flatMap((text) => tokenizer.encode(text, 16).inputIds),
  )

function expectClose(found: Float32Array, expected: Float32Array): void {
  expect(found).toHaveLength(expected.length)
  const largest = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)
  expect(largest).toBeLessThan(1e-5)
}

describe('what runs is what was trained', () => {
  test.each(['clip', 'siglip'] as const)('%s', async (name) => {
    const bundle = bundles[name]
    const engine = new Engine({ threads: 1 })
    const trained = await DualEncoderPrograms.create(engine, bundle.model, await arenaOf(bundle, engine))
    const { runner } = await DualEncoderRuntime.load(written(name))
    expectClose(await runner.encodeImages(pixels), await trained.encodeImages(pixels))
    expectClose(await runner.encodeTexts(tokens(bundle)), await trained.encodeTexts(tokens(bundle)))
  })

  test('policy', async () => {
    const bundle = bundles.policy
    const engine = new Engine({ threads: 1 })
    const trained = await PolicyPrograms.create(engine, bundle.model, await arenaOf(bundle, engine))
    const { runner } = await PolicyRuntime.load(written('policy'))
    const [found, expected] = [
      await runner.run(pixels, tokens(bundle)),
      await trained.run(pixels, tokens(bundle)),
    ]
    expectClose(found.attention, expected.attention)
    expect(Object.keys(found.heads).sort()).toEqual(Object.keys(expected.heads).sort())
    for (const [head, values] of Object.entries(expected.heads)) {
      for (const [output, numbers] of Object.entries(values)) {
        expectClose(found.heads[head]![output as keyof typeof values]!, numbers)
      }
    }
  })
})

describe('a folder', () => {
  const folder = join(root, 'copy')
  const onnx = (name: string) => join(folder, 'onnx', `${name}.onnx`)
  beforeEach(() => {
    rmSync(folder, { recursive: true, force: true })
    cpSync(written('clip'), folder, { recursive: true })
    rmSync(join(folder, manifestFile))
  })

  test('runs by its own files: it needs no weights beside them', async () => {
    const expected = await (await DualEncoderRuntime.load(folder)).embedTexts(texts)
    rmSync(join(folder, 'model.safetensors'))
    expect(await (await DualEncoderRuntime.load(folder)).embedTexts(texts)).toEqual(expected)

    const { weights, ...other } = bundles.clip
    const name = 'text_projection.weight'
    const { shape, data } = weights.get(name)!
    const negated = new Map(weights).set(
      name,
      float32(
        shape,
        data.map((value) => -value),
      ),
    )
    await writeBundle(join(root, 'negated'), { ...other, weights: negated })
    cpSync(join(root, 'negated/onnx/text_model.onnx'), onnx('text_model'))
    expectClose(
      await (await DualEncoderRuntime.load(folder)).embedTexts(texts),
      expected.map((x) => -x),
    )
  })

  test('without files is exported in memory, to the same features', async () => {
    const expected = await (await DualEncoderRuntime.load(folder)).embedTexts(texts)
    rmSync(join(folder, 'onnx'), { recursive: true })
    expect(await (await DualEncoderRuntime.load(folder)).embedTexts(texts)).toEqual(expected)
    expect(existsSync(join(folder, 'onnx')), 'nothing is written').toBe(false)
  })

  test('tells which tensors of its weights are not used', async () => {
    rmSync(join(folder, 'onnx'), { recursive: true })
    const notes: string[] = []
    const onNote = (text: string) => void notes.push(text)
    await DualEncoderRuntime.load(folder, { onNote })
    expect(notes).toEqual([])
    const { weights } = bundles.clip
    const more = new Map(weights).set('vision_model.adapter.up', float32([1], [0]))
    writeSafetensors(
      join(folder, 'model.safetensors'),
      more.set('vision_model.adapter.down', float32([1], [0])),
    )
    await DualEncoderRuntime.load(folder, { onNote })
    expect(notes).toEqual([
      `${folder}: ${weights.size} of ${weights.size + 2} tensors are the model's; the others are not used: vision_model.adapter.* (2)`,
    ])
  })

  test('is loaded with the threads that are asked for, and optimized by ONNX Runtime', async () => {
    const create = vi.spyOn(Program, 'create')
    await DualEncoderRuntime.load(folder, { threads: 2 })
    const options = create.mock.calls.slice(-2).map(([, given]) => given)
    create.mockRestore()
    for (const given of options) {
      expect(given).toMatchObject({ threads: 2, graphOptimizationLevel: 'all' })
    }
  })

  test('that is no run has no checkpoint to choose', async () => {
    await expect(DualEncoderRuntime.load(folder, { checkpoint: 'last' })).rejects.toMatchObject({
      code: 'bundle/checkpoint',
    })
  })

  async function expectMisfit(file: string, name: string | undefined, message: RegExp): Promise<void> {
    const error = await DualEncoderRuntime.load(folder).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(CheckpointError)
    expect(error).toMatchObject({
      code: 'bundle/onnx',
      facts: name === undefined ? { file: onnx(file) } : { file: onnx(file), name },
    })
    expect((error as Error).message).toContain(onnx(file))
    expect((error as Error).message).toMatch(message)
  }

  test.each<[string, string, string, string, RegExp]>([
    [
      'another family',
      'siglip',
      'text_model',
      'text_embeds',
      /output "text_embeds" is missing \(it has "pooler_output"\)/,
    ],
    [
      'another tower',
      'clip',
      'vision_model',
      'input_ids',
      /an input "input_ids" that the model does not know/,
    ],
  ])('with a file of %s is refused', async (_, source, file, name, message) => {
    const from = source === 'siglip' ? file : 'text_model'
    cpSync(join(written(source as 'clip'), `onnx/${from}.onnx`), onnx(file))
    await expectMisfit(file, name, message)
  })

  const input_ids = input('input_ids', [4, 16], 'int64')
  const sums = input_ids.cast('float32').sum(1, { keep: true })
  test.each<[string, Parameters<typeof writeOnnx>[0], string, RegExp]>([
    [
      'a fixed number of texts',
      { text_embeds: sums.expand([4, 24]) },
      'input_ids',
      /input "input_ids" is int64 \[4, 16\], the model needs int64 \[any, 16\]/,
    ],
    [
      'an input more',
      { text_embeds: sums.mul(input('attention_mask', [4, 24])) },
      'attention_mask',
      /an input "attention_mask" that the model does not know/,
    ],
    ['no input', { text_embeds: input('ids', [4, 24]) }, 'ids', /"ids" that the model does not know/],
  ])('with a file of %s is refused', async (_, outputs, name, message) => {
    writeFileSync(onnx('text_model'), writeOnnx(outputs).bytes)
    await expectMisfit('text_model', name, message)
  })

  test('with a file of other features is refused', async () => {
    const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, projection_dim: 20 }))
    await expectMisfit(
      'text_model',
      'text_embeds',
      /"text_embeds" is float32 \[any, 24\], the model needs float32 \[any, 20\]/,
    )
  })

  test.each([
    ['is missing', () => rmSync(onnx('vision_model'))],
    [
      'is cut short',
      () => writeFileSync(onnx('vision_model'), readFileSync(onnx('vision_model')).subarray(0, 99)),
    ],
  ])('of which a file %s is refused', async (_, spoil) => {
    spoil()
    await expectMisfit('vision_model', undefined, /Export the model again, or remove the folder onnx/)
  })
})

test('a policy’s file with other heads than its config is refused', async () => {
  const folder = join(root, 'heads')
  await writeBundle(folder, bundles.policy)
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))
  Object.assign(config.heads.manipulation, { length: 6, mean: Array(6).fill(0) })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
  writeManifest(folder)
  const error = await PolicyRuntime.load(folder).catch((cause: unknown) => cause)
  expect(error).toMatchObject({ code: 'bundle/onnx', facts: { name: 'manipulation.values' } })
  expect((error as Error).message).toMatch(
    /"manipulation.values" is float32 \[any, 7\], the model needs float32 \[any, 6\]/,
  )
})
