import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../test/support/evaluate.ts'
import { actWeight, formula } from '../../../test/support/formula.ts'
import { float32, int64 } from '../../core/index.ts'
import { input } from '../../graph/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { policy as onePolicy } from '../policy/policy-config.ts'
import { PolicyModel } from '../policy/policy-model.ts'
import { chunkPolicy } from './chunk-policy.ts'
import { ChunkPolicyModel } from './chunk-policy-model.ts'
import { chunkPolicyFamily } from './family.ts'
import { requireRobotData, withData } from './fit-data.ts'
import { Normalization, statisticsProblems } from './normalization.ts'

const tower = { width: 8, depth: 1, heads: 2 }
const sizes = {
  head: 'flow',
  cameras: ['top', 'wrist'],
  state: 2,
  action: 2,
  chunk: 3,
  image: { ...tower, size: 8, patch: 4 },
  text: { ...tower, length: 6 },
  width: 16,
  heads: 2,
  hidden: 24,
  encoderDepth: 1,
  decoderDepth: 1,
  dropout: 0,
  steps: 2,
  normalization: { STATE: 'IDENTITY', ACTION: 'IDENTITY' },
} as const

const policy = (keys: object = {}) => {
  const config = chunkPolicy({ ...sizes, ...keys })
  const text_config = { ...config.text_config!, vocab_size: 20, eos_token_id: 9, pad_token_id: 0 }
  return new ChunkPolicyModel({ ...config, text_config })
}

describe('normalization', () => {
  const statistics = { min: [-1, 0], max: [3, 10], mean: [1, 2], std: [0.5, 4], q01: [0, 1], q99: [2, 9] }
  const x = input('x', [2, 2])
  const feeds = { x: float32([2, 2], [1, 2, 3, 12]) }

  it.each([
    ['IDENTITY', [1, 2, 3, 12]],
    ['MEAN_STD', [0, 0, 4, 2.5]],
    ['MIN_MAX', [0, -0.6, 1, 1.4]],
    ['QUANTILES', [0, -0.75, 2, 1.75]],
  ] as const)('by %s, and back', async (mode, expected) => {
    const rule = new Normalization(mode, statistics, 2)
    const y = rule.apply(x)
    const { there, back } = await evaluate({ there: y, back: rule.invert(y) }, feeds)
    expected.forEach((value, i) => {
      expect(there![i]).toBeCloseTo(value, 5)
      expect(back![i]).toBeCloseTo(feeds.x.data[i]!, 5)
    })
  })

  it('names each number that cannot be normalized, and divides by 1e-8 where that is allowed', async () => {
    const flat = { ...statistics, std: [0.5, 0], max: [-1, 10], q99: [2, Number.NaN] }
    const problems = (mode: string, degenerate = 'error') => {
      const config = chunkPolicy({
        ...sizes,
        normalization: { STATE: 'IDENTITY', ACTION: mode as 'MIN_MAX' },
      })
      return [
        ...statisticsProblems({
          ...config,
          degenerate_statistics: degenerate as 'error',
          statistics: { action: flat },
        }),
      ]
    }
    expect(problems('MEAN_STD')).toEqual(['action[1] has no spread (mean, std)'])
    expect(problems('MIN_MAX')).toEqual(['action[0] has no spread (min, max)'])
    expect(problems('QUANTILES')[0]).toBe('action.q99[1] is not finite')
    expect(problems('MEAN_STD', 'epsilon')).toEqual([])
    const rule = new Normalization('MIN_MAX', flat, 2)
    const { back } = await evaluate(
      { back: rule.invert(rule.apply(x)) },
      { x: float32([2, 2], [-1, 2, -1, 3]) },
    )
    expect(back).toEqual([-1, 2, -1, 3].map((value) => expect.closeTo(value, 5)))
  })
})

describe('a policy with cameras, state and command', () => {
  const noise = formula('noise', [1, 3, 2])
  const pictures = (wrist: string) => {
    const views = [formula('top', [192]), formula(wrist, [192])]
    return float32([1, 2, 3, 8, 8], [...views[0]!.data, ...views[1]!.data])
  }
  const ids = (...values: number[]) => int64([1, 6], values)

  async function answer(
    model: ChunkPolicyModel,
    words: ReturnType<typeof ids>,
    wrist = 'wrist',
    state = 'state',
    changed: Readonly<Record<string, ReturnType<typeof float32>>> = {},
  ) {
    const weights = Object.fromEntries(
      [...namedParameters(model)].map(([name, { shape }]) => [name, actWeight(name, shape)]),
    )
    const observation = {
      pixelValues: input('pixels', [1, 2, 3, 8, 8]),
      state: input('state', [1, 2]),
      inputIds: input('ids', [1, 6], 'int64'),
    }
    const action = model.forward(observation, input('noise', [1, 3, 2]))
    const feeds = { pixels: pictures(wrist), state: formula(state, [1, 2]), ids: words, noise }
    return (await evaluate({ action }, { ...weights, ...feeds, ...changed })).action!
  }

  it('reads each of them, and nothing behind the end of the command', async () => {
    const first = await answer(policy(), ids(1, 4, 5, 9, 0, 0))
    const far = (other: readonly number[]) =>
      Math.max(...other.map((value, i) => Math.abs(value - first[i]!)))
    expect(far(await answer(policy(), ids(1, 4, 5, 9, 7, 8)))).toBeLessThan(1e-6)
    expect(far(await answer(policy(), ids(1, 4, 6, 9, 0, 0)))).toBeGreaterThan(1e-4)
    expect(far(await answer(policy(), ids(1, 4, 5, 9, 0, 0), 'other'))).toBeGreaterThan(1e-4)
    expect(far(await answer(policy(), ids(1, 4, 5, 9, 0, 0), 'wrist', 'other'))).toBeGreaterThan(1e-4)
  })

  // Of a chunk that ends behind an episode the loss leaves the rest out: it is anything in use.
  it('lets no noisy action change an earlier one', async () => {
    const words = ids(1, 4, 5, 9, 0, 0)
    const first = await answer(policy(), words)
    const values = Array.from(noise.data)
    const other = float32([1, 3, 2], [...values.slice(0, 4), values[4]! + 1, values[5]! - 1])
    const last = await answer(policy(), words, 'wrist', 'state', { noise: other })
    const change = last.map((value, i) => Math.abs(value - first[i]!))
    expect(Math.max(...change.slice(0, 4))).toBeLessThan(1e-6)
    expect(Math.max(...change.slice(4))).toBeGreaterThan(1e-4)
    const early = float32([1, 3, 2], [values[0]! + 1, ...values.slice(1)])
    const changed = await answer(policy(), words, 'wrist', 'state', { noise: early })
    expect(Math.max(...changed.slice(4).map((value, i) => Math.abs(value - first[4 + i]!)))).toBeGreaterThan(
      1e-5,
    )
  })

  it('may have a tower for each camera', async () => {
    const model = policy({ sharedTower: false })
    const names = [...namedParameters(model).keys()]
    expect(names.some((name) => name.startsWith('vision_models.1.'))).toBe(true)
    expect(names.some((name) => name.startsWith('vision_model.'))).toBe(false)
    expect(await answer(model, ids(1, 4, 5, 9, 0, 0))).toHaveLength(6)
  })

  it('glances with weights under the names of a one-shot policy, whose sizes it takes from a base', async () => {
    const options = { image: { ...tower, size: 8, patch: 4 }, text: { ...tower, length: 6 }, fusion: tower }
    const oneShot = onePolicy({
      ...options,
      activation: 'gelu',
      heads: { place: { kind: 'position', label: 'place' } },
    })
    const looking = policy({ ...options, activation: 'gelu' })
    const names = [...namedParameters(looking).keys()]
    const eyes = [...namedParameters(new PolicyModel(oneShot)).keys()].filter(
      (name) => !name.startsWith('heads.'),
    )
    expect(eyes.filter((name) => !names.includes(name))).toEqual([])
    const base = { ...oneShot, glances: 3, shared_size: 40 }
    const taken = chunkPolicyFamily.towers.take(looking.config, base)
    expect(taken).toMatchObject({ glances: 3, shared_size: 40, fusion_config: oneShot.fusion_config })
    expect(chunkPolicyFamily.towers.take(policy().config, oneShot)).toMatchObject({ fusion_config: null })
    const first = await answer(looking, ids(1, 4, 5, 9, 0, 0))
    const other = await answer(looking, ids(1, 4, 6, 9, 0, 0))
    expect(Math.max(...other.map((value, i) => Math.abs(value - first[i]!)))).toBeGreaterThan(1e-4)
    expect(() => policy({ cameras: [], fusion: tower })).toThrow(/glances need a camera and a command/)
  })

  it('begins with the answers of heads of a one-shot policy, before their units', async () => {
    const options = { image: { ...tower, size: 8, patch: 4 }, text: { ...tower, length: 6 }, fusion: tower }
    const place = { kind: 'position' as const, label: 'place', hidden: [8] }
    const grasp = { kind: 'pose' as const, label: 'grasp', hidden: [8] }
    const model = policy({ ...options, glanceHeads: { place, grasp } })
    const shapes = new Map([...namedParameters(model)].map(([name, { shape }]) => [name, shape]))
    expect(shapes.get('heads.grasp.layers.1.weight')).toEqual([6, 8])
    const without = namedParameters(policy(options)).get('model.beginning.hidden_proj.weight')!.shape
    expect(shapes.get('model.beginning.hidden_proj.weight')).toEqual([without[0]!, without[1]! + 3 + 6])

    const oneShot = onePolicy({
      ...options,
      heads: { place: { ...place, mean: [1, 2, 3], scale: 4 }, other: grasp },
    })
    const { glance_heads } = chunkPolicyFamily.towers.take(model.config, oneShot)
    expect(glance_heads).toMatchObject({ place: oneShot.heads.place, grasp: model.config.glance_heads.grasp })
    const inUnits = new ChunkPolicyModel({ ...model.config, glance_heads })
    const seen = ids(1, 4, 5, 9, 0, 0)
    expect(await answer(inUnits, seen)).toEqual(await answer(model, seen))
    const grasps = { 'heads.grasp.layers.1.bias': float32([6], [1, 0, 0, 0, 0, 0]) }
    expect(await answer(model, seen, 'wrist', 'state', grasps)).not.toEqual(await answer(model, seen))
    expect(() => policy({ glanceHeads: { place } })).toThrow(/they read what glances find/)
  })

  it('refuses sizes that do not fit, and data of another order of cameras', () => {
    expect(() => policy({ actionSteps: 4 })).toThrow(/n_action_steps/)
    expect(() => policy({ temporalEnsemble: 0.01, actionSteps: 2 })).toThrow(/must be 1/)
    expect(() => policy({ heads: 3 })).toThrow(/does not divide/)
    expect(() => policy({ cameras: [], state: 0 })).toThrow(/sees by cameras or feels a state/)
    const arrays = {
      'observation.state': { dtype: 'float32', shape: [2] },
      action: { dtype: 'float32', shape: [3, 2] },
      action_is_pad: { dtype: 'bool', shape: [3] },
    } as const
    const source = { name: 'data', cameras: ['wrist', 'top'], arrays }
    expect(() => requireRobotData(policy().config, source)).toThrow(/ordered wrist, top/)
  })

  it('learns the names of its numbers from the data, and refuses others later', () => {
    const spread = { min: [0, 0], max: [1, 1], mean: [0.5, 0.5], std: [1, 1] }
    const named = (names: readonly string[]) => ({
      name: 'data',
      cameras: ['top', 'wrist'],
      statistics: { 'observation.state': spread, action: spread },
      arrays: {
        'observation.state': { dtype: 'float32', shape: [2], names },
        action: { dtype: 'float32', shape: [3, 2] },
        action_is_pad: { dtype: 'bool', shape: [3] },
      } as const,
    })
    const config = withData(policy().config, named(['pan', 'lift']))
    expect(config).toMatchObject({ state_names: ['pan', 'lift'], action_names: null })
    expect(() => withData(config, named(['lift', 'pan']))).toThrow(
      /'observation.state' is lift, pan; the policy knows pan, lift/,
    )
    expect(withData(config, named(['pan', 'lift'])).state_names).toEqual(['pan', 'lift'])
  })
})
