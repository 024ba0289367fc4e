import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { float32, type HostArray, readSafetensors } from '../../src/core/index.ts'
import { type DeviceTensor, Engine, toHost } from '../../src/engine/index.ts'
import { constant, gradients, input, type Tensor } from '../../src/graph/index.ts'
import {
  ClipModel,
  clipConfig,
  type DualEncoder,
  type Recompute,
  recomputeLayers,
  SiglipModel,
  siglipConfig,
  VisionTextModel,
  visionTextConfig,
} from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'

const golden = join(import.meta.dirname, '../golden')

const cases: { name: string; model: (config: unknown) => DualEncoder }[] = [
  ...['quick-gelu', 'gelu-padded', 'legacy-eos'].map((name) => ({
    name: `clip/${name}`,
    model: (config: unknown) => new ClipModel(clipConfig.parse(config)),
  })),
  ...['gelu-tanh', 'gelu-padded'].map((name) => ({
    name: `siglip/${name}`,
    model: (config: unknown) => new SiglipModel(siglipConfig.parse(config)),
  })),
  ...['padded', 'mean'].map((name) => ({
    name: `vision-text/${name}`,
    model: (config: unknown) => new VisionTextModel(visionTextConfig.parse(config)),
  })),
]

describe.each(cases)('$name made by transformers', ({ name, model: make }) => {
  const file = (part: string) => readSafetensors(join(golden, name, `${part}.safetensors`)).tensors
  const config: unknown = JSON.parse(readFileSync(join(golden, name, 'config.json'), 'utf8'))
  const inputs = Object.fromEntries(file('inputs'))
  const weights = file('model')

  it.each<{ recompute: Recompute }>([
    { recompute: false },
    { recompute: true },
    { recompute: ['text_model.*', '*.layers.0'] },
  ])('gives the same features, loss and gradients (recompute: $recompute)', async ({ recompute }) => {
    const model = recomputeLayers(make(config), recompute)
    const parameters = namedParameters(model)
    expect([...parameters.keys()].sort()).toEqual([...weights.keys()].sort())
    for (const [path, parameter] of parameters) expect(parameter.shape).toEqual(weights.get(path)!.shape)

    const leaf = (key: string) => input(key, inputs[key]!.shape, inputs[key]!.dtype)
    const mask = inputs.attention_mask && leaf('attention_mask')
    const image = model.encodeImage(leaf('pixel_values'))
    const text = model.encodeText(leaf('input_ids'), mask)
    const loss = ownLoss(model, image, text)
    const leaves = [...parameters.values()].map((parameter) => parameter.tensor)
    const grads = gradients(loss, leaves)
    const outputs = { image_features: image, text_features: text, loss }
    const named = Object.fromEntries([...parameters.keys()].map((path, i) => [`d:${path}`, grads[i]!]))

    const program = await new Engine().compile({ ...outputs, ...named })
    const results = await program.run({ ...inputs, ...Object.fromEntries(weights) })
    const expectedOutputs = file('outputs')
    for (const key of Object.keys(outputs)) {
      expect(await relativeError(results[key]!, expectedOutputs.get(key)!), key).toBeLessThan(1e-4)
    }
    const expectedGradients = file('gradients')
    // A key's bias shifts all scores of a row alike: its gradient is zero but for rounding. So that this is
    // not divided by itself, it counts as no smaller than a thousandth of the largest gradient.
    const ofModel = Math.max(...[...expectedGradients.values()].map(largest))
    for (const [path, expected] of expectedGradients) {
      const smallest = /\.(k_proj|key)\.bias$/.test(path) ? 1e-3 * ofModel : 0
      expect(await relativeError(results[`d:${path}`]!, expected, smallest), path).toBeLessThan(1e-4)
    }
  })
})

/** The loss that the Python model computes itself, written out from its definition. */
function ownLoss(model: DualEncoder, image: Tensor, text: Tensor): Tensor {
  const unit = (x: Tensor) => x.div(x.square().sum(-1, { keep: true }).sqrt())
  const count = image.shape[0]!
  const cosines = unit(text).matmul(unit(image), { transposeB: true })
  const eye = constant(
    float32(
      [count, count],
      Array.from({ length: count * count }, (_, i) => (i % (count + 1) ? 0 : 1)),
    ),
  )
  const bias = model.bias()
  const logits = cosines.mul(model.scale())
  if (bias) {
    const signed = logits.add(bias).mul(eye.mul(2).sub(1))
    return signed.neg().exp().add(1).log().sum().div(count)
  }
  const diagonal = (axis: number) => logits.logSoftmax(axis).mul(eye).sum().div(count)
  return diagonal(0).add(diagonal(1)).mul(-0.5)
}

/** Largest difference over the largest reference value. */
async function relativeError(actual: DeviceTensor, expected: HostArray, smallest = 0): Promise<number> {
  const values = await toHost(actual, 'float32')
  const reference = expected.data as Float32Array
  expect(values.length).toBe(reference.length)
  const difference = values.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i]!)), 0)
  return difference / Math.max(smallest, largest(expected))
}

const largest = ({ data }: HostArray): number =>
  (data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
