import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { calibrationBatch, toolsFor } from '../../test/support/calibration.ts'
import { tinyBundle, tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { CheckpointError, ConfigError } from '../core/index.ts'
import {
  type Bundle,
  bundleDigest,
  DualEncoderRuntime,
  modelDigests,
  modelFiles,
  PolicyRuntime,
  readBundle,
  readLogitScale,
  readModelDescription,
} from '../deploy/index.ts'
import type { GraphPass, Subject } from './method.ts'
import { float16, int8, int8Options, weightOnly } from './quantization/index.ts'
import { writeCompressed } from './write-compressed.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compressed-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const recordOf = (bundle: Bundle) => ({
  from: { source: 'runs/original', digest: bundleDigest(bundle) },
  steps: [{ kind: 'int8' }],
})
const quantized = (bundle: Bundle): Promise<Subject> =>
  int8.apply(int8Options(), { bundle, passes: [] }, toolsFor(bundle))

async function written(name: string, subject: Subject): Promise<string> {
  const directory = join(folder, name)
  await writeCompressed(directory, subject, recordOf(subject.bundle))
  return directory
}

const cosine = (a: Float32Array, b: Float32Array) => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

describe('a model in int8', () => {
  const bundle = tinyBundle('clip')

  it('has its weights in its ONNX files only, and says what it was made from', async () => {
    const directory = await written('int8', await quantized(bundle))
    expect((readdirSync(directory, { recursive: true }) as string[]).sort()).toEqual([
      'compression.json',
      'config.json',
      'manifest.json',
      'onnx',
      'onnx/model.onnx',
      'onnx/text_model.onnx',
      'onnx/vision_model.onnx',
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    const record = JSON.parse(readFileSync(join(directory, 'compression.json'), 'utf8'))
    expect(record).toMatchObject(recordOf(bundle))
    expect(record.logitScale).toBeCloseTo(1 / 0.07, 2)
  })

  it('runs as any other, and is named by its files', async () => {
    const directory = await written('int8', await quantized(bundle))
    await writeCompressed(join(folder, 'float'), { bundle, passes: [] }, recordOf(bundle))
    const [ours, exact] = await Promise.all(
      [directory, join(folder, 'float')].map((each) => DualEncoderRuntime.load(each, { threads: 1 })),
    )
    const texts = ['a red apple on a table', 'a photo of a dog']
    expect(cosine(await ours!.embedTexts(texts), await exact!.embedTexts(texts))).toBeGreaterThan(0.999)
    const { pixelValues } = calibrationBatch(bundle, 9).arrays
    expect(
      cosine(await ours!.runner.encodeImages(pixelValues!), await exact!.runner.encodeImages(pixelValues!)),
    ).toBeGreaterThan(0.999)
    expect(readLogitScale(directory)).toBeCloseTo(readLogitScale(join(folder, 'float'))!, 4)
    expect(modelFiles(directory)).not.toContain('model.safetensors')
    const digests = await modelDigests(directory)
    expect(digests['onnx/model.onnx']).not.toBe(
      (await modelDigests(join(folder, 'float')))['onnx/model.onnx'],
    )
  })

  it('that is a policy acts', async () => {
    const policy = tinyPolicy()
    const directory = await written('policy', await quantized(policy))
    const runtime = await PolicyRuntime.load(directory, { threads: 1, onNote: () => {} })
    const { heads } = await runtime.runner.run(...policyInputs(policy))
    expect(Object.keys(heads)).toEqual(['detection', 'grasping', 'manipulation'])
    expect(readLogitScale(directory)).toBeUndefined()
  })

  it('cannot be trained, exported or compressed again: the message names the original', async () => {
    const directory = await written('int8', await quantized(bundle))
    expect(() => readBundle(directory)).toThrow(CheckpointError)
    expect(() => readBundle(directory)).toThrow(
      /compressed model.*Take the model that it was made from: runs\/original/,
    )
    try {
      readBundle(directory)
    } catch (error) {
      expect(error).toMatchObject({ code: 'bundle/compressed', facts: { from: { source: 'runs/original' } } })
    }
    expect(readModelDescription(directory).model.config).toEqual(bundle.model.config)
  })

  it('replaces a bundle and is replaced by one, but nothing else', async () => {
    const directory = await written('same', { bundle, passes: [] })
    expect(readdirSync(directory)).toContain('model.safetensors')
    await written('same', await quantized(bundle))
    expect(readdirSync(directory)).not.toContain('model.safetensors')
    await written('same', { bundle, passes: [] })
    expect(readdirSync(directory)).not.toContain('compression.json')
    writeFileSync(join(directory, 'notes.txt'), 'mine')
    await expect(written('same', await quantized(bundle))).rejects.toThrow(ConfigError)
  })

  it('says so when its record is damaged', async () => {
    const directory = await written('int8', await quantized(bundle))
    writeFileSync(join(directory, 'compression.json'), '{"from": 3}')
    expect(() => readBundle(directory)).toThrow(/compression.json has \d+ bytes instead of/)
    rmSync(join(directory, 'manifest.json'))
    expect(() => readBundle(directory)).toThrow(/compression.json: from: /)
  })
})

function policyInputs(policy: Bundle) {
  const { pixelValues, inputIds } = calibrationBatch(policy, 2).arrays
  return [pixelValues!, inputIds!] as const
}

describe('sizes', () => {
  /** A model whose layers are wide enough for their scales not to count. */
  const bundle = wideBundle()

  it.each([
    ['int8', () => quantized(bundle), 0.3],
    ['4 bits', () => weightOnly.apply(weightOptions(4), { bundle, passes: [] }, toolsFor(bundle)), 0.22],
    ['8 bits', () => weightOnly.apply(weightOptions(8), { bundle, passes: [] }, toolsFor(bundle)), 0.31],
    ['float16', () => float16.apply({ kind: 'float16' }, { bundle, passes: [] }, toolsFor(bundle)), 0.52],
  ] as const)('of %s', async (name, subject, share) => {
    const plain = await written('plain', { bundle, passes: [] })
    const small = await written(name, await subject())
    for (const file of ['model', 'text_model', 'vision_model'].map((graph) => `onnx/${graph}.onnx`)) {
      const part = statSync(join(small, file)).size / statSync(join(plain, file)).size
      expect(part, file).toBeLessThan(share)
      expect(part, file).toBeGreaterThan(share - 0.1)
    }
  })
})

const weightOptions = (bits: 4 | 8) =>
  ({ kind: 'weightOnly', bits, group: 32, symmetric: true, keepFloat: [] }) as const

function wideBundle(): Bundle {
  return tinyBundle('clip', { hidden_size: 128, intermediate_size: 512 })
}

it('passes are carried out in their order', async () => {
  const bundle = tinyBundle('clip')
  const order: string[] = []
  const pass =
    (label: string): GraphPass =>
    (graph, name) => {
      order.push(`${label} ${name}`)
      return graph
    }
  await written('ordered', { bundle, passes: [pass('first'), pass('second')] })
  expect(order.slice(0, 2)).toEqual(['first model', 'second model'])
  expect(order).toHaveLength(6)
})
