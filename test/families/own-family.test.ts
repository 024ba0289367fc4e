import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CheckpointError, ConfigError, float32, int64, random } from '../../src/core/index.ts'
import { type Bundle, readBundle, readModelConfig, writeBundle } from '../../src/deploy/index.ts'
import { Arena, arenaLayout, Engine, toHost } from '../../src/engine/index.ts'
import {
  buildModel,
  families as builtIn,
  DualEncoderPrograms,
  type Families,
  type Family,
  familyOf,
  inputsOf,
  isDualEncoder,
  isPolicy,
} from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { tinyTokenizer } from '../support/tiny-bundle.ts'
import { meanColor } from './mean-color.ts'

// All that a user adds: one file, and this line.
const families: Families = { ...builtIn, mean_color: meanColor }

const folder = mkdtempSync(join(tmpdir(), 'own-family-'))
const directory = join(folder, 'model')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const tokenizer = tinyTokenizer()
const { schema, withVocabulary } = meanColor
const config = withVocabulary(
  schema.parse({ model_type: 'mean_color', side: 8, words: 1, longest: 16 }),
  tokenizer,
)
const model = buildModel(config, { families })
const image = { size: 8, fit: 'fill', background: [0, 0, 0], mean: [0, 0, 0], std: [1, 1, 1] } as const
const bundle: Bundle = {
  model,
  tokenizer,
  image,
  weights: new Map(
    Array.from(namedParameters(model), ([name, { shape, initialize }]) => [
      name,
      float32(shape, initialize(shape, random(3, name))),
    ]),
  ),
}

describe('a family of one’s own', () => {
  beforeAll(() => writeBundle(directory, bundle, { families }))

  it('is written with its config and its weights, and read back', () => {
    expect(JSON.parse(readFileSync(join(directory, 'config.json'), 'utf8'))).toEqual({
      architectures: ['MeanColor'],
      ...config,
      dtype: 'float32',
    })
    const read = readBundle(directory, { families })
    expect(read.model.config).toEqual(config)
    expect(read.model).toBeInstanceOf(model.constructor)
    expect(read.weights).toEqual(bundle.weights)
    expect(isDualEncoder(read.model)).toBe(true)
    expect(isPolicy(read.model)).toBe(false)
    expect(inputsOf(readModelConfig(directory, { families }), families).image.size).toBe(8)
  })

  it('is a file of ONNX that gives what its programs give', async () => {
    const stream = random(1, 'pixels')
    const pixels = float32(
      [2, 3, 8, 8],
      Array.from({ length: 384 }, () => stream.normal()),
    )
    const ids = int64(
      [2, 16],
      ['a red car', 'a cat'].flatMap((text) => tokenizer.encode(text, 16).inputIds),
    )
    const engine = new Engine({ threads: 1 })
    const values = await Arena.create(
      engine,
      arenaLayout([Array.from(bundle.weights, ([name, { shape }]) => ({ name, shape }))]),
    )
    await values.write(bundle.weights)
    if (!isDualEncoder(model)) throw new Error('no dual encoder')
    const programs = await DualEncoderPrograms.create(engine, model, values)
    const file = await engine.load(readFileSync(join(directory, 'onnx/model.onnx')))
    const { image_embeds, text_embeds } = await file.run({ pixel_values: pixels, input_ids: ids })
    expectClose(await toHost(image_embeds!, 'float32'), await programs.encodeImages(pixels))
    expectClose(await toHost(text_embeds!, 'float32'), await programs.encodeTexts(ids))
  })

  it('has its layers found for recompute', () => {
    expect(() => buildModel(config, { families, recompute: ['mixer.layers.1'] })).not.toThrow()
    expect(() => buildModel(config, { families, recompute: ['mixer.layers.2'] })).toThrow(/mixer\.layers\.0/)
  })

  it('says itself what does not agree', async () => {
    const other = writeBundle(
      join(folder, 'other'),
      { ...bundle, image: { ...image, size: 9 } },
      { families },
    )
    await expect(other).rejects.toMatchObject({ code: 'bundle/image-size', facts: { size: 9 } })
  })

  it('is unknown to whoever was not given it', () => {
    expect(() => readBundle(directory)).toThrow(CheckpointError)
    expect(() => readBundle(directory)).toThrow(
      /"mean_color", but only "clip", "siglip", "visuomotor_policy"/,
    )
    expect(() => buildModel(config)).toThrow(ConfigError)
    expect(() => familyOf('mean_colour', families)).toThrow(/did you mean 'mean_color'/)
    expect(() => familyOf('toString')).toThrow(ConfigError)
  })
})

function expectClose(actual: Float32Array, wanted: Float32Array): void {
  expect(actual).toHaveLength(wanted.length)
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(wanted[i]!, 5)
  })
}

describe('a row', () => {
  it('is not one without each of its rules', () => {
    const { graphs: _, ...incomplete } = meanColor
    // @ts-expect-error the graphs are missing
    const row: Family = incomplete
    expect(row).not.toHaveProperty('graphs')
  })

  it.each(Object.entries(builtIn))('%s stands under its own model_type', (name, row) => {
    const heads = { joints: { kind: 'joints', label: 'joints' } }
    const robot = { cameras: ['top'], state_size: 2, action_size: 2 }
    expect(row.schema.parse({ heads, ...robot }).model_type).toBe(name)
  })
})
