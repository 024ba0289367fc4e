import { describe, expect, it } from 'vitest'
import { calibrationBatch, toolsFor, toolsWith } from '../../../test/support/calibration.ts'
import { executedOperators } from '../../../test/support/executed-operators.ts'
import { randomPairs, smallVlm } from '../../../test/support/small-vlm.ts'
import { tinyBundle, tinyPolicy, tinyTokenizer } from '../../../test/support/tiny-bundle.ts'
import { type Batch, ConfigError, DataError, float32, random } from '../../core/index.ts'
import { type Bundle, weightedGraphs } from '../../deploy/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { writeOnnx } from '../../graph/index.ts'
import { namedParameters } from '../../nn/index.ts'
import type { Subject } from '../method.ts'
import { int8, int8Options, sensitivity } from './int8.ts'
import { layersIn } from './layers-in-part.ts'
import { OutputError } from './output-error.ts'

/** Outputs of a graph of a subject on a batch, and the operators that ran for them. */
async function outputsOf({ bundle, passes }: Subject, batch: Batch, name = 'model') {
  const { model, weights, tokenizer } = bundle
  const graph = [...weightedGraphs(model, weights, tokenizer, { only: [name], passes })][0]![1]
  const outputs: Record<string, Float32Array> = {}
  const operators = await executedOperators(async () => {
    const program = await new Engine({ threads: 1 }).load(writeOnnx(graph.outputs, graph).bytes, {
      optimize: true,
    })
    const feeds = { pixel_values: batch.arrays.pixelValues!, input_ids: batch.arrays.inputIds! }
    for (const [key, tensor] of Object.entries(await program.run(feeds)))
      if (tensor.type === 'float32') outputs[key] = await toHost(tensor, 'float32')
    await program.release()
  })
  return { outputs, operators }
}

/** Cosine and signal to noise of a quantized model beside its original, on a batch that calibration did not see. */
async function comparison(bundle: Bundle, subject: Subject, batch: Batch, name?: string) {
  const exact = await outputsOf({ bundle, passes: [] }, batch, name)
  const changed = await outputsOf(subject, batch, name)
  const error = new OutputError()
  error.add('model', exact.outputs, changed.outputs)
  return { cosine: error.cosine, signalToNoise: error.signalToNoise, ...changed, before: exact.operators }
}

const plain = (bundle: Bundle): Subject => ({ bundle, passes: [] })

/** A bundle of the small model that has every graph. */
function vlmBundle(): Bundle {
  const model = smallVlm()
  const weights = new Map(
    Array.from(namedParameters(model), ([name, { shape, initialize }]) => [
      name,
      float32(shape, initialize(shape, random(7, 'initialize', name))),
    ]),
  )
  const image = { size: 8, fit: 'contain', background: [1, 1, 1], mean: [0, 0, 0], std: [1, 1, 1] } as const
  return { model, weights, tokenizer: Object.assign(tinyTokenizer(), { endId: 21, padId: 21 }), image }
}

describe('products in int8', () => {
  it.each(['clip', 'siglip', 'vision-text'] as const)(
    'of a %s model are of integers, and give its outputs',
    async (type) => {
      const bundle = tinyBundle(type)
      const subject = await int8.apply(int8Options(), plain(bundle), toolsFor(bundle))
      const { cosine, operators, before } = await comparison(bundle, subject, calibrationBatch(bundle, 9))
      // Of the similarities, too, which are near 0 with random weights.
      expect(cosine).toBeGreaterThan(0.97)
      // Every product with a matrix of the model that depends on what is fed.
      expect(operators.QGemm).toBeGreaterThanOrEqual(27)
      expect(before.QGemm).toBeUndefined()
      expect(operators.Gemm ?? 0).toBeLessThanOrEqual(type === 'siglip' ? 1 : 0)
      expect(operators.DequantizeLinear, 'nothing is widened before it is multiplied').toBeUndefined()
    },
  )

  it('of a policy', async () => {
    const bundle = tinyPolicy()
    const subject = await int8.apply(int8Options(), plain(bundle), toolsFor(bundle))
    const { signalToNoise, operators } = await comparison(bundle, subject, calibrationBatch(bundle, 9))
    expect(signalToNoise).toBeGreaterThan(15)
    expect(operators.QGemm).toBeGreaterThan(50)
  })

  it('of a model with a decoder reach every graph that samples can feed, and the others by their layers', async () => {
    const bundle = vlmBundle()
    const notes: string[] = []
    const subject = await int8.apply(
      int8Options(),
      plain(bundle),
      toolsWith([randomPairs(8, 0), randomPairs(8, 1)], notes),
    )
    const { signalToNoise, operators } = await comparison(bundle, subject, randomPairs(8, 7), 'captions')
    expect(signalToNoise).toBeGreaterThan(15)
    expect(operators.QGemm).toBeGreaterThan(10)
    // Only the masked model has these, and no sample of a batch says what is masked.
    expect(notes.join(' ')).toMatch(/do not reach masked_model\.\* \(\d+\), which stay in float/)
  })

  it.each([
    ['minMax', 'uint8', 'auto'],
    ['percentile', 'int8', 7],
    ['entropy', 'uint8', 8],
  ] as const)(
    'calibrated by %s with %s and %s bits stay near the model',
    async (calibration, activations, weights) => {
      const bundle = tinyBundle('clip')
      const options = int8Options({ calibration, activations, weights })
      const { cosine } = await comparison(
        bundle,
        await int8.apply(options, plain(bundle), toolsFor(bundle)),
        calibrationBatch(bundle, 9),
      )
      expect(cosine).toBeGreaterThan(0.995)
    },
  )

  it('are the same from one run to the next', async () => {
    const bundle = tinyBundle('clip')
    const write = async () => {
      const subject = await int8.apply(
        int8Options({ calibration: 'entropy' }),
        plain(bundle),
        toolsFor(bundle),
      )
      const graph = [...weightedGraphs(bundle.model, bundle.weights, bundle.tokenizer, subject)][0]![1]
      return Buffer.from(writeOnnx(graph.outputs, graph).bytes)
    }
    expect((await write()).equals(await write())).toBe(true)
  })
})

/** The bundle with outliers in channels 3 and 11 behind every normalization, as large transformers have them. */
function withOutliers(bundle: Bundle): Bundle {
  const weights = new Map(bundle.weights)
  for (const [name, { shape, data }] of bundle.weights) {
    if (!/layer_norm[12]\.weight$/.test(name)) continue
    const scaled = data.slice()
    for (const channel of [3, 11]) scaled[channel] = 60
    weights.set(name, float32(shape, scaled))
  }
  return { ...bundle, weights }
}

describe('smoothing', () => {
  it('halves the error that outlier channels make, and costs no operator behind a normalization', async () => {
    const bundle = withOutliers(tinyBundle('clip'))
    const batch = calibrationBatch(bundle, 9)
    const of = async (smooth: boolean) =>
      comparison(bundle, await int8.apply(int8Options({ smooth }), plain(bundle), toolsFor(bundle)), batch)
    const [smooth, rough] = [await of(true), await of(false)]
    expect(smooth.signalToNoise).toBeGreaterThan(rough.signalToNoise + 3)
    expect(smooth.operators.LayerNormalization).toBe(rough.operators.LayerNormalization)
  })

  it('leaves layers in float as they are that read what is smoothed for others', async () => {
    const bundle = withOutliers(tinyBundle('clip'))
    const tools = toolsFor(bundle)
    const layer = 'vision_model.encoder.layers.1.self_attn.k_proj'
    const others = layersIn(plain(bundle), tools).filter((each) => each !== layer)
    const of = async (smooth: boolean) => {
      const options = int8Options({ smooth, keepFloat: [...others, '*.token_embedding'] })
      return comparison(bundle, await int8.apply(options, plain(bundle), tools), calibrationBatch(bundle, 9))
    }
    const [smooth, rough] = [await of(true), await of(false)]
    expect(smooth.operators).toMatchObject({ QGemm: 1, QuantizeLinear: 1 })
    expect(smooth.signalToNoise).toBeGreaterThan(40)
    expect(smooth.signalToNoise).toBeGreaterThan(rough.signalToNoise + 6)
  })
})

/** A layer that loses nearly all in int8: each output has one huge weight, for a hidden unit that is never active. */
function withSensitiveLayer(bundle: Bundle, layer: string): Bundle {
  const weights = new Map(bundle.weights)
  const { shape, data } = weights.get(`${layer}.fc2.weight`)!
  const hidden = shape[1]!
  weights.set(
    `${layer}.fc2.weight`,
    float32(
      shape,
      data.map((value, i) => (i % hidden === 5 ? 300 : value)),
    ),
  )
  const bias = weights.get(`${layer}.fc1.bias`)!
  weights.set(
    `${layer}.fc1.bias`,
    float32(
      bias.shape,
      bias.data.map((value, i) => (i === 5 ? -50 : value)),
    ),
  )
  return { ...bundle, weights }
}

describe('sensitivity', () => {
  const layer = 'vision_model.encoder.layers.0.mlp'

  it('finds the layer that loses most, and tells what it saw', async () => {
    const bundle = withSensitiveLayer(tinyBundle('clip'), layer)
    const found = await sensitivity(plain(bundle), toolsFor(bundle), int8Options({ smooth: false }))
    expect(found).toHaveLength(27)
    expect(found[0]!.layer).toBe(`${layer}.fc2`)
    expect(found[0]!.signalToNoise).toBeLessThan(found[1]!.signalToNoise - 10)
    expect(found[0]!.cosine).toBeLessThan(found[1]!.cosine)
    for (const { range } of found) expect(range.low).toBeLessThanOrEqual(range.high)
  })

  it('lets the worst layers stay in float', async () => {
    const bundle = withSensitiveLayer(tinyBundle('clip'), layer)
    const notes: string[] = []
    const tools = toolsFor(bundle, notes)
    const of = async (keepFloat: number | string[]) => {
      const options = int8Options({ keepFloat, smooth: false })
      return comparison(bundle, await int8.apply(options, plain(bundle), tools), calibrationBatch(bundle, 9))
    }
    const [all, worstKept, named] = [await of(0), await of(1), await of([`${layer}.fc2`])]
    expect(worstKept.signalToNoise).toBeGreaterThan(all.signalToNoise + 10)
    expect(named.signalToNoise).toBe(worstKept.signalToNoise)
    expect(notes[1]).toMatch(new RegExp(`26 of 27 layers.*In float: ${layer}.fc2$`))
  })
})

describe('a search for a budget', () => {
  const bundle = tinyBundle('clip')
  const [subject, tools] = [plain(bundle), toolsFor(bundle)]
  const part = 'vision_model.encoder.layers.0.mlp'

  it('has parts that are in int8 alone', () => {
    const parts = int8.reach!.parts(int8Options(), subject, tools)
    const { keepFloat } = parts.get(part)!
    expect(keepFloat).toHaveLength(26) // 27 products and a table, but for fc1 and fc2
    expect(keepFloat).not.toContain(`${part}.fc1`)
    expect([...parts.keys()]).toContain('text_model.embeddings')
  })

  it('leaves parts in float beside what was asked for', () => {
    const options = int8Options({ keepFloat: [2, '*.q_proj'] })
    const { keepFloat } = int8.reach!.without(options, [part], subject, tools)
    expect(keepFloat).toEqual([2, '*.q_proj', `${part}.fc1`, `${part}.fc2`])
  })
})

describe('what cannot be calibrated', () => {
  const bundle = tinyBundle('clip')
  const applied = (batches: readonly Batch[], options = int8Options()) =>
    int8.apply(options, plain(bundle), toolsWith(batches))
  const batch = calibrationBatch(bundle, 0)
  const withArrays = (arrays: Batch['arrays']): Batch => ({ ...batch, arrays })

  it.each([
    ['no samples', [], 'compression/calibration-data', /no sample to calibrate with/],
    [
      'data of another kind',
      [withArrays({ boxes: float32([4, 4], new Float32Array(16)) })],
      'compression/calibration-data',
      /have boxes/,
    ],
    [
      'images of another size',
      [withArrays({ ...batch.arrays, pixelValues: float32([1, 3, 8, 8], new Float32Array(192)) })],
      'compression/calibration-data',
      /pixelValues is float32 \[1, 3, 8, 8\] from sample '0\/0' on, but model takes float32 \[any, 3, 32, 32\]/,
    ],
    [
      'an image with a number that is none',
      [
        withArrays({
          ...batch.arrays,
          pixelValues: float32([4, 3, 32, 32], new Float32Array(12_288).fill(Number.NaN)),
        }),
      ],
      'compression/not-finite',
      /patch_embedding reads is not finite on the batch that begins with sample '0\/0'/,
    ],
  ] as const)('%s', async (_, batches, code, message) => {
    const failure = await applied(batches).then(
      () => undefined,
      (error: unknown) => error,
    )
    expect(failure).toBeInstanceOf(DataError)
    expect(failure).toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('a pattern that matches no layer', async () => {
    const failure = applied([batch], int8Options({ keepFloat: ['vision_model.*.query'] }))
    await expect(failure).rejects.toThrow(ConfigError)
    await expect(failure).rejects.toThrow(/no layer matches 'vision_model.\*.query'/)
  })

  it('a weight that is not finite', async () => {
    const weights = new Map(bundle.weights).set('logit_scale', float32([], [Number.NaN]))
    const failure = int8.apply(int8Options(), plain({ ...bundle, weights }), toolsFor(bundle))
    await expect(failure).rejects.toMatchObject({
      code: 'compression/not-finite',
      facts: { weight: 'logit_scale' },
    })
  })

  it('options out of their range', () => {
    expect(() => int8Options({ percentile: 101 })).toThrow(/percentile/)
    expect(() => int8Options({ keepFloat: -1 })).toThrow(/keepFloat/)
  })
})
