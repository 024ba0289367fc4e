import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { float32, hostArray, random } from '../../src/core/index.ts'
import type { Sample, Source } from '../../src/data/index.ts'
import { ChunkPolicyRuntime } from '../../src/deploy/index.ts'
import { NumpyArray, PolicyClient, serve } from '../../src/deploy/servers/index.ts'
import {
  adamW,
  behaviorCloning,
  chunkPolicy,
  constant,
  normalize,
  type RecipeInput,
  type Run,
  train,
} from '../../src/index.ts'
import { drawnPng } from '../support/drawn-png.ts'

// From a recipe to a bundle that acts and is served, on one camera of a source of the program: the action follows the state.

const home = mkdtempSync(join(tmpdir(), 'visuomotor-chunks-'))
const count = 24

/** Demonstrations: action t is state + 0.1·t, and the last sample's chunk ends early. */
async function demonstrations(change: Partial<Source> = {}): Promise<Source> {
  const bytes = new Uint8Array(await drawnPng())
  const sample = (i: number): Sample => {
    const stream = random(1, 'state', i)
    const state = [stream.uniform(-1, 1), stream.uniform(-1, 1)]
    const actions = Array.from({ length: 3 }, (_, t) => state.map((value) => value + 0.1 * t))
    return {
      id: `demo/${i}`,
      image: { bytes },
      captions: [i % 2 === 0 ? 'push the red cup' : 'push the blue cup'],
      origin: { file: 'demo', line: i },
      arrays: {
        'observation.state': float32([2], state),
        action: float32([3, 2], actions.flat()),
        action_is_pad: hostArray('bool', [3], Uint8Array.from(i === count - 1 ? [0, 1, 1] : [0, 0, 0])),
      },
    }
  }
  const statistic = (spread: number) => ({
    min: [-1, -1],
    max: [1.2, 1.2],
    mean: [0.1, 0.1],
    std: [spread, spread],
  })
  return {
    name: 'demonstrations',
    spec: { kind: 'own', name: 'demonstrations' },
    size: count,
    cameras: ['top'],
    arrays: {
      'observation.state': { dtype: 'float32', shape: [2] },
      action: { dtype: 'float32', shape: [3, 2] },
      action_is_pad: { dtype: 'bool', shape: [3] },
    },
    statistics: { 'observation.state': statistic(0.6), action: statistic(0.6) },
    async *samples({ skip = 0 } = {}) {
      for (let i = skip; i < count; i++) yield sample(i)
    },
    ...change,
  }
}

const own = { kind: 'own', name: 'demonstrations' } as const

const recipe: RecipeInput = {
  name: 'chunks',
  data: own,
  validation: { data: own, everyEpochs: 30 },
  tests: { same: own },
  images: { resolution: 8 },
  augment: [normalize({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] })],
  texts: { vocabularySize: 520 },
  model: chunkPolicy({
    head: 'flow',
    cameras: ['top'],
    state: 2,
    action: 2,
    chunk: 3,
    image: { width: 8, depth: 1, heads: 2, size: 8, patch: 4 },
    text: { width: 8, depth: 1, heads: 2, length: 8 },
    width: 16,
    heads: 2,
    hidden: 32,
    encoderDepth: 1,
    decoderDepth: 1,
    dropout: 0,
    steps: 3,
  }),
  objective: behaviorCloning(),
  optimizer: adamW({ learningRate: 6e-3 }),
  schedule: constant(),
  batches: { size: 12 },
  epochs: 30,
  machine: { workers: 0 },
}

let run: Run
let bundle: string
beforeAll(async () => {
  const source = await demonstrations()
  run = await train(recipe, {
    out: join(home, 'run'),
    callbacks: [],
    sources: { demonstrations: source },
  })
  bundle = join(home, 'bundle')
  await run.export(bundle)
})

const picture = { width: 8, height: 8, data: new Uint8Array(192).fill(100) }
const seen = (state: readonly number[]) => ({ cameras: { top: picture }, state, command: 'push the red cup' })

describe('a policy trained by a recipe', () => {
  it('learns, and is tested', () => {
    expect(run.summary!.results.same).toMatchObject({ error: expect.any(Number) })
    expect((run.summary!.results.same as { error: number }).error).toBeLessThan(0.5)
  })

  it('acts from its bundle alone, the same for the same seed', async () => {
    const runtime = await ChunkPolicyRuntime.load(bundle, { threads: 1, onNote: () => {} })
    const { actions, clamped } = await runtime.act(seen([0.5, -0.5]))
    expect(actions).toHaveLength(3)
    expect(actions[0]![0]! - actions[0]![1]!).toBeGreaterThan(0.3)
    expect(clamped).toEqual([])
    runtime.reset()
    expect((await runtime.act(seen([0.5, -0.5]))).actions).toEqual(actions)
    const stream = runtime.stream()
    expect(await stream.next(seen([0, 0]))).toHaveLength(2)
  })

  it('refuses cameras and states that it does not have, by name', async () => {
    const runtime = await ChunkPolicyRuntime.load(bundle, { threads: 1, onNote: () => {} })
    await expect(runtime.act({ ...seen([0, 0]), cameras: {} })).rejects.toMatchObject({
      code: 'deploy/camera',
    })
    await expect(runtime.act({ ...seen([0, 0]), cameras: { top: picture, tob: picture } })).rejects.toThrow(
      /no camera 'tob'/,
    )
    await expect(runtime.act({ ...seen([]), state: undefined })).rejects.toMatchObject({
      code: 'deploy/joint-state',
    })
    await expect(runtime.act(seen([0]))).rejects.toThrow(/1 positions/)
    await expect(runtime.act(seen([0, Number.NaN]))).rejects.toThrow(/not finite/)
  })

  it('is held within an envelope, from step to step', async () => {
    const options = { threads: 1, onNote: () => {}, envelope: { step: 0.01, outside: 'clamp' as const } }
    const runtime = await ChunkPolicyRuntime.load(bundle, options)
    const { actions, clamped } = await runtime.act(seen([0.5, 0.5]))
    expect(clamped.length).toBeGreaterThan(0)
    for (const [t, action] of actions.slice(1).entries())
      expect(Math.abs(action[0]! - actions[t]![0]!)).toBeLessThan(0.011)
  })

  it('is served by openpi’s protocol: actions [horizon, numbers]', async () => {
    const server = await serve(bundle, { port: 0, threads: 1, onNote: () => {} })
    try {
      const client = await PolicyClient.connect(server.url.replace('http', 'ws'))
      expect(client.metadata).toMatchObject({
        cameras: ['top'],
        action_horizon: 3,
        action_dim: 2,
        state_dim: 2,
      })
      const image = new NumpyArray('|u1', [8, 8, 3], picture.data)
      const state = NumpyArray.float32([2], Float32Array.of(0.5, -0.5))
      const answer = await client.infer({
        top: image,
        'observation/state': state,
        prompt: 'push the red cup',
      })
      const actions = answer.actions as NumpyArray
      expect(actions.shape).toEqual([3, 2])
      expect(Number(actions.data[0]) - Number(actions.data[1])).toBeGreaterThan(0.3)
      expect(answer.unread_keys).toEqual([])
      await expect(client.infer({ prompt: 'push the red cup', state })).rejects.toThrow(/'top'/)
    } finally {
      await server.stop()
    }
  })
})

describe('before training starts, an error', () => {
  const attempt = async (change: Partial<Source>) => {
    const source = await demonstrations(change)
    const out = join(home, 'never')
    return train(recipe, { out, callbacks: [], sources: { demonstrations: source } })
  }
  const cases: readonly (readonly [string, Partial<Source>, RegExp])[] = [
    ['cameras', { cameras: ['tip'] }, /no camera 'top'.*the policy has no camera 'tip'/],
    [
      'another chunk length',
      {
        arrays: {
          'observation.state': { dtype: 'float32', shape: [2] },
          action: { dtype: 'float32', shape: [5, 2] },
          action_is_pad: { dtype: 'bool', shape: [5] },
        },
      },
      /'action' is \[5,2\] for each sample, the policy takes \[3,2\]/,
    ],
    [
      'past observations',
      {
        arrays: {
          'observation.state': { dtype: 'float32', shape: [4, 2] },
          action: { dtype: 'float32', shape: [3, 2] },
          action_is_pad: { dtype: 'bool', shape: [3] },
        },
      },
      /'observation.state' is \[4,2\] .*the present observation only, so leave observationSteps out/,
    ],
    ['features that are missing', { arrays: {} }, /no 'observation.state'/],
    ['statistics that are missing', { statistics: {} }, /action has no statistics/],
    [
      'a statistic without spread',
      {
        statistics: {
          'observation.state': { min: [0, 0], max: [1, 1], mean: [0, 0], std: [1, 1] },
          action: { min: [0, 0], max: [1, 0], mean: [0, 0], std: [1, 0] },
        },
      },
      /action\[1\] has no spread/,
    ],
  ]
  it.each(cases)('names %s', async (_, change, message) => {
    await expect(attempt(change)).rejects.toThrow(message)
  })
})
