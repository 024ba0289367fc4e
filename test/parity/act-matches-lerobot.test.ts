import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { float32, type HostArray } from '../../src/core/index.ts'
import { gradients, input, type Tensor } from '../../src/graph/index.ts'
import { ChunkPolicyModel, chunkPolicyConfig as schema } from '../../src/models/index.ts'
import { keepAll, namedParameters } from '../../src/nn/index.ts'
import { Leaves } from '../../src/training/strategies/leaves.ts'
import { chunkLosses } from '../../src/training/tasks/chunk-loss.ts'
import { evaluate } from '../support/evaluate.ts'
import { actWeight, formula } from '../support/formula.ts'

// Golden values by LeRobot 0.4.4's ACTPolicy: test/golden/act/make.py.

interface Case {
  readonly loss: number
  readonly l1_loss: number
  readonly kld_loss?: number
  readonly gradients?: Readonly<Record<string, readonly [norm: number, along: number]>>
  readonly names: readonly string[]
  readonly actions: readonly number[]
}

const golden = JSON.parse(readFileSync('test/golden/act/values.json', 'utf8')) as Record<
  'act' | 'l1' | 'preNorm',
  Case
>

const [batch, chunk, state, action, side] = [2, 4, 3, 2, 40]
const cameras = ['observation.images.top', 'observation.images.wrist']

const modelOf = (keys: object) =>
  new ChunkPolicyModel(
    schema.parse({
      cameras,
      state_size: state,
      action_size: action,
      chunk_size: chunk,
      vision_config: { kind: 'resnet18', width: 8, image_size: side },
      normalization_mapping: { STATE: 'MEAN_STD', ACTION: 'MIN_MAX' },
      statistics: {
        'observation.state': {
          mean: [0.1, -0.2, 0.3],
          std: [0.5, 1.5, 2],
          min: [-1, -2, -3],
          max: [1, 2, 4],
        },
        action: { mean: [0.2, 0.1], std: [0.7, 0.4], min: [-1.5, -0.5], max: [2, 1] },
      },
      dim_model: 16,
      n_heads: 2,
      dim_feedforward: 24,
      n_encoder_layers: 2,
      n_decoder_layers: 2,
      n_vae_encoder_layers: 2,
      latent_dim: 4,
      dropout: 0,
      ...keys,
    }),
  )

/** Pictures of both cameras, normalized as LeRobot does it. */
function pictures(): HostArray<'float32'> {
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ]
  const plane = side * side
  const data = new Float32Array(batch * cameras.length * 3 * plane)
  for (const [camera, name] of cameras.entries()) {
    const { data: values } = formula(name, [batch, 3, side, side], 0.5)
    for (const [i, value] of values.entries()) {
      const [row, channel] = [Math.floor(i / (3 * plane)), Math.floor(i / plane) % 3]
      const at = (row * cameras.length + camera) * 3 * plane + (i % (3 * plane))
      data[at] = (Math.fround(0.5 + value) - mean[channel]!) / std[channel]!
    }
  }
  return float32([batch, cameras.length, 3, side, side], data)
}

const arrays = {
  pixelValues: pictures(),
  'observation.state': formula('observation.state', [batch, state]),
  action: formula('action', [batch, chunk, action]),
  action_is_pad: float32([batch, chunk], [0, 0, 0, 0, 0, 0, 1, 1]),
  latentNoise: formula('latentNoise', [batch, 4]),
}

/** The loss and its gradients, each as its norm and its product with a formula, and the answer. */
async function results(model: ChunkPolicyModel, wantsGradients: boolean) {
  const parameters = namedParameters(model)
  const weights = Object.fromEntries(
    Array.from(parameters, ([name, { shape }]) => [name, actWeight(name, shape)]),
  )
  const leaves = new Leaves(arrays, keepAll)
  const { loss, numbers = {} } = chunkLosses(model, leaves)
  const pixelValues = input('pixelValues', arrays.pixelValues.shape)
  const observed = leaves.get('observation.state')
  const actions = model.forward({ pixelValues: leaves.find('pixelValues') ?? pixelValues, state: observed })
  const outputs: Record<string, Tensor> = { loss, actions, ...numbers }
  if (wantsGradients) {
    const names = [...parameters.keys()]
    const found = gradients(
      loss,
      names.map((name) => parameters.get(name)!.leaf),
    )
    names.forEach((name, i) => {
      outputs[`norm ${name}`] = found[i]!.square().sum().sqrt()
      outputs[`along ${name}`] = found[i]!.mul(input(`direction ${name}`, found[i]!.shape)).sum()
      weights[`direction ${name}`] = formula(`along ${name}`, found[i]!.shape)
    })
  }
  return evaluate(outputs, { ...weights, ...arrays })
}

const cases = [
  ['act', { head: 'act' }],
  ['l1', { head: 'l1' }],
  ['preNorm', { head: 'act', pre_norm: true }],
] as const

it.each(cases)('%s: names, values, loss and, of act, gradients are LeRobot’s', async (name, keys) => {
  const expected = golden[name]
  const model = modelOf(keys)
  const names = [...namedParameters(model).keys()].sort()
  expect(names).toEqual(expected.names.filter((each) => each !== 'model.vae_encoder_pos_enc'))
  const found = await results(model, expected.gradients !== undefined)
  expect(found.loss![0]).toBeCloseTo(expected.loss, 4)
  if (expected.kld_loss !== undefined) expect(found.divergence![0]).toBeCloseTo(expected.kld_loss, 4)
  for (const [i, value] of expected.actions.entries()) expect(found.actions![i]).toBeCloseTo(value, 4)
  for (const [parameter, [norm, along]] of Object.entries(expected.gradients ?? {})) {
    const bound = 1e-3 * norm + 1e-6
    expect(Math.abs(found[`norm ${parameter}`]![0]! - norm), parameter).toBeLessThan(bound)
    const width = Math.sqrt(arrays.action.data.length + 1)
    expect(Math.abs(found[`along ${parameter}`]![0]! - along), parameter).toBeLessThan(bound * width)
  }
})
