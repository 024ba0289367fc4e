import { describe, expect, it } from 'vitest'
import { calibrationBatch, toolsFor } from '../../../test/support/calibration.ts'
import { executedOperators } from '../../../test/support/executed-operators.ts'
import { tinyBundle } from '../../../test/support/tiny-bundle.ts'
import { CheckpointError, ConfigError, float32 } from '../../core/index.ts'
import { type Bundle, weightedGraphs } from '../../deploy/index.ts'
import { Engine, toHost } from '../../engine/index.ts'
import { writeOnnx } from '../../graph/index.ts'
import type { Subject } from '../method.ts'
import { float16, type WeightOnlyOptions, weightOnly } from './index.ts'
import { OutputError } from './output-error.ts'

const options = (given: Partial<WeightOnlyOptions> = {}): WeightOnlyOptions =>
  weightOnly.schema.parse({ kind: 'weightOnly', ...given })

async function run({ bundle, passes }: Subject) {
  const { model, weights, tokenizer } = bundle
  const graph = [...weightedGraphs(model, weights, tokenizer, { only: ['model'], passes })][0]![1]
  const { pixelValues, inputIds } = calibrationBatch(bundle, 4).arrays
  const outputs: Record<string, Float32Array> = {}
  const operators = await executedOperators(async () => {
    const program = await new Engine({ threads: 1 }).load(writeOnnx(graph.outputs, graph).bytes, {
      optimize: true,
    })
    const results = await program.run({ pixel_values: pixelValues!, input_ids: inputIds! })
    for (const [name, tensor] of Object.entries(results)) outputs[name] = await toHost(tensor, 'float32')
  })
  return { outputs, operators }
}

/** Signal to noise in decibels beside the model in float. */
async function quality(bundle: Bundle, subject: Subject) {
  const [exact, changed] = [await run({ bundle, passes: [] }), await run(subject)]
  const error = new OutputError()
  error.add('model', exact.outputs, changed.outputs)
  return { signalToNoise: error.signalToNoise, operators: changed.operators }
}

describe('weights alone', () => {
  const bundle = tinyBundle('clip')
  const applied = (given: Partial<WeightOnlyOptions>, notes: string[] = []) =>
    weightOnly.apply(options(given), { bundle, passes: [] }, toolsFor(bundle, notes))

  it.each([
    [8, 32, true, 30],
    [8, 128, false, 30],
    [4, 32, true, 6],
    [4, 64, false, 6],
    [4, 128, false, 6],
  ] as const)('of %i bits in groups of %i, symmetric %s', async (bits, group, symmetric, decibels) => {
    const { signalToNoise, operators } = await quality(bundle, await applied({ bits, group, symmetric }))
    expect(signalToNoise).toBeGreaterThan(decibels)
    expect(operators.MatMulNBits).toBe(27)
    expect(operators.Gemm).toBeUndefined()
  })

  it('need no samples, and say what they did', async () => {
    const notes: string[] = []
    const subject = await weightOnly.apply(
      options({ keepFloat: ['*.fc2', '*.token_embedding'] }),
      { bundle, passes: [] },
      { ...toolsFor(bundle, notes), batches: () => Promise.reject(new Error('none')) as never },
    )
    expect(notes).toEqual(['weightOnly: 23 of 27 layers with 4 bits a weight, groups of 32'])
    expect((await run(subject)).operators.Gemm).toBe(4)
  })

  it('refuse a pattern that matches nothing', async () => {
    await expect(applied({ keepFloat: ['*.fc3'] })).rejects.toThrow(ConfigError)
  })

  it('refuse groups that the operator does not have', () => {
    expect(() => options({ group: 48 as never })).toThrow()
  })
})

describe('half precision', () => {
  const bundle = tinyBundle('siglip')

  it('gives the outputs of the rounded weights', async () => {
    const { signalToNoise } = await quality(
      bundle,
      await float16.apply({ kind: 'float16' }, { bundle, passes: [] }, toolsFor(bundle)),
    )
    expect(signalToNoise).toBeGreaterThan(55)
    expect(signalToNoise).toBeLessThan(100)
  })

  it('refuses a weight beyond its range when it is written', async () => {
    const name = 'vision_model.post_layernorm.bias'
    const weights = new Map(bundle.weights).set(name, float32([32], new Float32Array(32).fill(70_000)))
    const subject = await float16.apply(
      { kind: 'float16' },
      { bundle: { ...bundle, weights }, passes: [] },
      toolsFor(bundle),
    )
    await expect(run(subject)).rejects.toThrow(CheckpointError)
    await expect(run(subject)).rejects.toThrow(
      /post_layernorm.bias" has the number 70000, which is beyond float16/,
    )
  })
})
