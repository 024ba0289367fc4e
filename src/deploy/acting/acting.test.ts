import { beforeEach, describe, expect, test } from 'vitest'
import { tinyPolicy } from '../../../test/support/tiny-bundle.ts'
import { ActionError, ConfigError, DataError, type VisuomotorError } from '../../core/index.ts'
import { Tokenizer, withLearnedWords } from '../../data/index.ts'
import { PolicyModel, type PolicyRunner, policyConfig } from '../../models/index.ts'
import { PolicyRuntime } from '../policy-runtime.ts'
import type { ActingOptions } from './acting.ts'

const names = ['shoulder', 'upper arm', 'elbow', 'forearm', 'wrist', 'hand', 'finger']
const bundle = tinyPolicy()
const { config } = bundle.model
const manipulation = {
  ...config.heads.manipulation,
  joints: names.map((name) => ({ name, limits: [-2, 2] })),
}
const model = new PolicyModel(policyConfig.parse({ ...config, heads: { ...config.heads, manipulation } }))
const words = { words: ['a', 'cup', 'pick', 'red', 'the', 'up'], commands: true }
const tokenizer = Tokenizer.fromJson(bundle.tokenizer.json, withLearnedWords(bundle.tokenizer.config, words))

let joints: number[]
let runs: number
beforeEach(() => {
  joints = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
  runs = 0
})
const runner: PolicyRunner = {
  async run() {
    runs++
    const heads = {
      detection: { box: Float32Array.of(0, 0, 1, 1), category: Float32Array.of(0, 1, 2) },
      grasping: { values: new Float32Array(6) },
      manipulation: { values: Float32Array.from(joints) },
    }
    return { heads, attention: new Float32Array(16) }
  },
}

const notes: string[] = []
const policyWith = (options: ActingOptions = {}, described = { ...bundle, model, tokenizer }) =>
  new PolicyRuntime(described, runner, 'the policy', (text) => notes.push(text), options)
const pixels = { width: 32, height: 32, data: new Uint8Array(3 * 32 * 32) }
const seen = { cameras: { camera: pixels }, command: 'pick up the red cup' }
const close = (numbers: readonly number[]) => numbers.map((number) => expect.closeTo(number, 6))

async function errorOf(action: () => unknown): Promise<VisuomotorError> {
  try {
    await action()
  } catch (error) {
    return error as VisuomotorError
  }
  throw new Error('nothing was thrown')
}

describe('a step of a robot', () => {
  test('gives the values of all heads, or of one task', async () => {
    const policy = policyWith()
    expect(await policy.act(seen)).toMatchObject({
      values: { joints: close(joints), box: [0, 0, 1, 1] },
      clamped: [],
      unlearned: [],
      overBudget: false,
    })
    const { values } = await policy.act({ ...seen, task: 'manipulation' })
    expect(values).toEqual({ joints: close(joints) })
  })

  test('answers a command in another language, and tells the words that it does not know', async () => {
    const { values, unlearned } = await policyWith().act({ ...seen, command: 'nimm die rote Tasse' })
    expect(values).toHaveProperty('joints')
    expect(unlearned).toEqual(['nimm', 'die', 'rote', 'tasse'])
  })

  test('refuses a text without words', async () => {
    expect(await errorOf(() => policyWith().act({ ...seen, command: '?!' }))).toMatchObject({
      code: 'data/no-command',
    })
  })

  test.each([
    ['no picture', {}, /no picture of 'camera'/],
    ['another camera', { camera: pixels, wrist: pixels }, /no camera 'wrist'/],
  ])('with %s is refused', async (_, cameras, message) => {
    const error = await errorOf(() => policyWith().act({ ...seen, cameras }))
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({ code: 'deploy/camera', message: expect.stringMatching(message) })
  })

  test('sees by the camera that it is told', async () => {
    await policyWith({ camera: 'head' }).act({ ...seen, cameras: { head: pixels } })
    expect(runs).toBe(1)
  })

  test('for an unknown task names the nearest', async () => {
    const error = await errorOf(() => policyWith().act({ ...seen, task: 'manipulaton' }))
    expect(error).toMatchObject({ code: 'deploy/task' })
    expect(error.message).toMatch(/did you mean 'manipulation'\?.*detection, grasping, manipulation/)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('with a prediction of %d is refused', async (value) => {
    joints[3] = value
    const error = await errorOf(() => policyWith().act(seen))
    expect(error).toBeInstanceOf(ActionError)
    expect(error).toMatchObject({ code: 'deploy/not-finite', facts: { label: 'joints' } })
  })
})

describe('measured positions', () => {
  const state = Object.fromEntries(names.map((name) => [name, 0]))
  const act = (given: Record<string, number> | readonly number[] | undefined) =>
    policyWith({ envelope: { step: 1 } }).act({ ...seen, joints: given })

  test('are taken by name or in order', async () => {
    await act(state)
    await act(names.map(() => 0))
    expect(runs).toBe(2)
  })

  test.each([
    ['not given', undefined, /measured positions are needed/],
    ['too few', [0, 0], /2 positions for the 7 joints shoulder, /],
    ['of an unknown joint', { ...state, sholder: 0 }, /no joint 'sholder' \(did you mean 'shoulder'\?\)/],
    ['of some joints only', { shoulder: 0 }, /positions of upper arm, .* are missing/],
    ['NaN', { ...state, elbow: Number.NaN }, /position of elbow is NaN/],
    ['infinite', [0, 0, 0, 0, 0, 0, Number.NEGATIVE_INFINITY], /position of finger is -Infinity/],
  ])('that are %s are refused before anything is computed', async (_, given, message) => {
    const error = await errorOf(() => act(given))
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({ code: 'deploy/joint-state', message: expect.stringMatching(message) })
    expect(runs).toBe(0)
  })
})

describe('the envelope', () => {
  const still = names.map(() => 0)

  test('refuses a target beyond the limits that the bundle gives', async () => {
    joints[2] = 2.5
    const error = await errorOf(() => policyWith().act(seen))
    expect(error).toBeInstanceOf(ActionError)
    expect(error).toMatchObject({
      code: 'deploy/outside-envelope',
      facts: { violations: [{ joint: 'elbow', kind: 'position', target: 2.5, lowest: -2, highest: 2 }] },
    })
    expect(error.message).toMatch(/elbow is told 2\.5000, and its position may be -2\.0000 to 2\.0000/)
  })

  test('takes narrower limits', async () => {
    const position = names.map(() => [-0.45, 0.45] as const)
    const error = await errorOf(() => policyWith({ envelope: { position } }).act(seen))
    expect(error.facts.violations).toMatchObject([{ joint: 'hand' }, { joint: 'finger' }])
  })

  test('limits the speed from where the joints are', async () => {
    const envelope = { speed: 10, period: 0.05 } // half a radian in a period
    const policy = policyWith({ envelope })
    const error = await errorOf(() => policy.act({ ...seen, joints: still }))
    expect(error.facts.violations).toMatchObject([{ joint: 'finger', kind: 'speed', highest: 0.5 }])
    await policy.act({ ...seen, joints: names.map(() => 0.3) })
  })

  test('limits the step from the target before, which reset forgets', async () => {
    const policy = policyWith({ envelope: { step: 1 } })
    await policy.act({ ...seen, joints: still })
    joints = joints.map((joint) => joint + 0.9)
    await policy.act(seen) // from the last target, not from the state
    joints = joints.map((joint) => joint - 1.4)
    expect((await errorOf(() => policy.act(seen))).facts.violations).toHaveLength(7)
    policy.reset()
    await policy.act({ ...seen, joints: still })
  })

  test('remembers no target that it refused', async () => {
    const policy = policyWith({ envelope: { step: 0.7 } })
    await policy.act({ ...seen, joints: still })
    joints[0] = 1.2
    await errorOf(() => policy.act(seen))
    joints[0] = 0.65
    await policy.act(seen)
    joints[0] = 1.3
    await policy.act(seen)
  })

  test('clamps by choice, and tells it', async () => {
    joints = [2.5, -2.5, 0, 0, 0, 0, 0.6]
    const policy = policyWith({ envelope: { step: [9, 9, 9, 9, 9, 9, 0.5], outside: 'clamp' } })
    const { values, clamped } = await policy.act({ ...seen, joints: still })
    expect(values.joints).toEqual([2, -2, 0, 0, 0, 0, 0.5])
    expect(clamped.map(({ joint, kind }) => `${joint} ${kind}`)).toEqual([
      'shoulder position',
      'upper arm position',
      'finger step',
    ])
  })

  test('refuses also then, where nothing is inside', async () => {
    const policy = policyWith({ envelope: { step: 0.5, outside: 'clamp' } })
    const state = [3, 0, 0, 0, 0, 0, 0] // the shoulder is far beyond its limit
    expect(await errorOf(() => policy.act({ ...seen, joints: state }))).toMatchObject({
      code: 'deploy/outside-envelope',
    })
  })

  test.each<[string, NonNullable<ActingOptions['envelope']>, RegExp]>([
    ['a negative step', { step: -1 }, /envelope\.step: limits are finite and above 0/],
    ['an infinite speed', { speed: Number.POSITIVE_INFINITY, period: 1 }, /envelope\.speed/],
    ['a speed without a period', { speed: 1 }, /envelope\.period/],
    ['too few limits', { step: [1, 2] }, /2 limits for 7 joints/],
    [
      'limits the wrong way round',
      { position: names.map(() => [1, -1] as const) },
      /lowest position of shoulder/,
    ],
  ])('with %s is refused', async (_, envelope, message) => {
    const error = await errorOf(() => policyWith({ envelope }))
    expect(error).toBeInstanceOf(ConfigError)
    expect(error).toMatchObject({ code: 'deploy/envelope', message: expect.stringMatching(message) })
  })

  test('of a bundle without names calls joints by their place', async () => {
    const policy = policyWith({ envelope: { step: 0.15 } }, { ...bundle, tokenizer })
    const error = await errorOf(() => policy.act({ ...seen, joints: still }))
    expect(error.facts.violations).toMatchObject([
      { joint: 'joint 3' },
      { joint: 'joint 4' },
      { joint: 'joint 5' },
      { joint: 'joint 6' },
      { joint: 'joint 7' },
    ])
  })
})

describe('the latency', () => {
  test('is told call by call, and counted', async () => {
    const told: number[] = []
    const onOverBudget = ({ milliseconds }: { milliseconds: number }) => void told.push(milliseconds)
    const policy = policyWith({ latency: { budget: 1e-6, onOverBudget } })
    await policy.warmUp()
    expect(policy.latency).toMatchObject({ calls: 0, p50: undefined, overBudget: 0, budget: 1e-6 })
    const { milliseconds, overBudget } = await policy.act(seen)
    expect(overBudget).toBe(true)
    expect(told).toEqual([milliseconds])
    expect(policy.latency).toMatchObject({ calls: 1, p50: milliseconds, p99: milliseconds, overBudget: 1 })
  })

  test('counts refused actions too', async () => {
    const policy = policyWith()
    joints[0] = 9
    await errorOf(() => policy.act(seen))
    expect(policy.latency.calls).toBe(1)
  })

  test.each([{ budget: 0 }, { budget: Number.NaN }, { window: 0 }, { window: 1.5 }])(
    'of %j is refused',
    async (latency) => {
      expect(await errorOf(() => policyWith({ latency }))).toMatchObject({ code: 'deploy/latency' })
    },
  )
})
