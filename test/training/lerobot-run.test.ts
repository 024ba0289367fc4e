import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { float32, type HostArray, random, readSafetensors, sizeOf } from '../../src/core/index.ts'
import {
  ChunkPolicyRuntime,
  readImageProcessing,
  readModelConfig,
  writeLeRobotPolicy,
} from '../../src/deploy/index.ts'
import { noWords } from '../../src/deploy/lerobot/read-lerobot.ts'
import { adamW, behaviorCloning, chunkPolicy, constant, type RecipeInput, train } from '../../src/index.ts'
import { buildModel, type ChunkPolicyConfig } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { noise, recordEpisodes } from '../support/recorded-episodes.ts'

// From a directory of LeRobot through a recipe to a bundle that acts; and on a checkpoint of LeRobot's ACT.

const home = mkdtempSync(join(tmpdir(), 'visuomotor-lerobot-run-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const directory = join(home, 'data')
const cameras = ['observation.images.top', 'observation.images.wrist'] as const
const picture = { dtype: 'image', shape: [40, 40, 3] } as const
const joints = ['pan', 'lift', 'grip']

/** The action is the first two numbers of the state, turned around. */
function frame(episode: number, at: number) {
  const stream = random(3, 'state', episode, at)
  const state = joints.map(() => stream.uniform(-1, 1))
  return {
    task: 'turn around',
    'observation.state': state,
    action: [-state[0]!, -state[1]!],
    [cameras[0]]: noise(10 * episode + at, 40, 40),
    [cameras[1]]: noise(500 + 10 * episode + at, 40, 40),
  }
}

beforeAll(() =>
  recordEpisodes(directory, [9, 3, 8], frame, {
    'observation.state': { dtype: 'float32', shape: [3], names: joints },
    action: { dtype: 'float32', shape: [2], names: ['left', 'right'] },
    [cameras[0]]: picture,
    [cameras[1]]: picture,
  }),
)

const data = (chunk: number) => ({ kind: 'lerobot', directory, chunk }) as const
const common = {
  objective: behaviorCloning(),
  schedule: constant(),
  machine: { workers: 0 },
} satisfies Partial<RecipeInput>

async function trained(recipe: RecipeInput): Promise<{ bundle: string; notes: string[] }> {
  const notes: string[] = []
  const callback = { onNote: (text: string) => void notes.push(text) }
  const run = await train(recipe, { out: join(home, recipe.name), callbacks: [callback] })
  const bundle = join(home, `${recipe.name}-bundle`)
  await run.export(bundle)
  return { bundle, notes }
}

const pixels = { width: 40, height: 40, data: new Uint8Array(4800).fill(100) }
const seen = (state: Readonly<Record<string, number>>) => ({
  cameras: Object.fromEntries(cameras.map((name) => [name, pixels])),
  state,
})

it('a directory of episodes becomes a policy that acts, with the names of its joints; short episodes are told', async () => {
  const model = chunkPolicy({
    head: 'l1',
    cameras,
    state: 3,
    action: 2,
    chunk: 4,
    image: { width: 8, depth: 1, heads: 2, size: 8, patch: 4 },
    width: 16,
    heads: 2,
    hidden: 32,
    encoderDepth: 1,
    dropout: 0,
  })
  const { bundle, notes } = await trained({
    ...common,
    name: 'policy',
    data: data(4),
    model,
    images: { resolution: 8 },
    optimizer: adamW({ learningRate: 1e-2 }),
    batches: { size: 10 },
    epochs: 30,
  })
  expect(notes.join('\n')).toMatch(
    /1 of 3 episodes are shorter than a window of 4 frames \(episode 1 has 3\): what they lack is padded/,
  )
  const runtime = await ChunkPolicyRuntime.load(bundle, { threads: 1, onNote: () => {} })
  expect(runtime.config).toMatchObject({ state_names: joints, action_names: ['left', 'right'] })
  const { actions } = await runtime.act(seen({ grip: 0, lift: -0.8, pan: 0.8 }))
  expect(actions).toHaveLength(4)
  expect(actions[0]![0]).toBeLessThan(-0.2)
  expect(actions[0]![1]).toBeGreaterThan(0.2)
  await expect(runtime.act(seen({ pan: 0, lift: 0, wrist: 0 }))).rejects.toThrow(/no joint 'wrist'/)
})

it('a checkpoint of LeRobot is the base of a recipe', async () => {
  const golden = 'test/golden/act/checkpoint'
  const config = readModelConfig(golden) as ChunkPolicyConfig
  const model = buildModel(config)
  const drawn = [...namedParameters(model)].map(([name, { shape }]): [string, HostArray<'float32'>] => {
    const stream = random(5, name)
    const value = () => (name.endsWith('running_var') ? 1 : stream.normal(0, 0.02))
    return [name, float32(shape, Float32Array.from({ length: sizeOf(shape) }, value))]
  })
  const base = join(home, 'checkpoint')
  const image = readImageProcessing(golden)
  await writeLeRobotPolicy(base, { model, tokenizer: noWords(), image, weights: new Map(drawn) })
  const recipe = {
    ...common,
    name: 'fine',
    base,
    optimizer: adamW({ learningRate: 1e-9 }),
    batches: { size: 20 },
    epochs: 1,
  }
  const { bundle, notes } = await trained({ ...recipe, data: data(4) })
  expect(notes.join('\n')).toMatch(
    /base: all of the model's \d+ tensors come from|base: (\d+) of the model's \1 tensors/,
  )
  const { tensors } = readSafetensors(join(bundle, 'model.safetensors'))
  const name = 'model.action_head.weight'
  const [ours, theirs] = [tensors.get(name)!.data, new Map(drawn).get(name)!.data]
  expect(Math.max(...theirs.map((value, i) => Math.abs(value - Number(ours[i]))))).toBeLessThan(1e-6)
  const runtime = await ChunkPolicyRuntime.load(bundle, { threads: 1, onNote: () => {} })
  expect((await runtime.act(seen({ pan: 0, lift: 0, grip: 0 }))).actions).toHaveLength(4)
  await expect(
    train({ ...recipe, name: 'never', data: data(5) }, { out: join(home, 'never') }),
  ).rejects.toThrow(/'action' is \[5,2\] for each sample, the policy takes \[4,2\]/)
})
