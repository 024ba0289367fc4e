import { describe, expect, test } from 'vitest'
import { tinyBundle, tinyPolicy } from '../../test/support/tiny-bundle.ts'
import { type Batch, float32, type HostArray, hostArray, int64 } from '../core/index.ts'
import { DualEncoderRuntime, PolicyRuntime } from '../deploy/index.ts'
import { crossModalRetrieval } from '../metrics/index.ts'
import type { DualEncoderRunner, PolicyRunner } from '../models/index.ts'
import { imitationObjective } from '../recipes/index.ts'
import { encodeDataset } from '../training/index.ts'
import { evaluatePolicy } from './evaluate-policy.ts'
import { rollout } from './rollout/rollout.ts'
import { summarizeRollout } from './rollout/summary.ts'

const { tolerances } = imitationObjective.schema.parse({ kind: 'imitation' })

// A model that no program of ours computes, such as a quantized or a remote one, is judged as ours are.

const box = [0.2, 0.2, 0.6, 0.6]

/** Finds everything in one place, of the second class, and does not move. */
class RemotePolicy implements PolicyRunner {
  batches: [images: readonly number[], commands: readonly number[]][] = []

  async run(pixelValues: HostArray, inputIds: HostArray) {
    this.batches.push([pixelValues.shape, inputIds.shape])
    const count = pixelValues.shape[0]!
    const repeated = (row: readonly number[]) =>
      Float32Array.from({ length: count * row.length }, (_, i) => row[i % row.length]!)
    return {
      heads: {
        detection: { box: repeated(box), category: repeated([0, 9, 0]) },
        grasping: { values: repeated([0.4, 0, 0.8, 0, 1, 0]) },
        manipulation: { values: repeated([0, 0, 0, 0, 0, 0, 0]) },
      },
      attention: repeated(new Array(16).fill(1 / 16)),
    }
  }
}

describe('a policy that is computed elsewhere', () => {
  const { weights: _, ...description } = tinyPolicy()

  test('acts: images and commands are prepared, and its numbers come under their labels', async () => {
    const remote = new RemotePolicy()
    const runtime = new PolicyRuntime(description, remote)
    const pixels = { width: 64, height: 48, data: new Uint8Array(3 * 64 * 48) }
    const prediction = await runtime.predict({ pixels, command: 'a red car' })
    expect(remote.batches).toEqual([
      [
        [1, 3, 32, 32],
        [1, 16],
      ],
    ])
    expect(Object.keys(prediction)).toEqual(['box', 'category', 'grasp', 'joints'])
    prediction.box!.forEach((side, i) => {
      expect(side).toBeCloseTo(box[i]!, 6)
    })
    expect(prediction.category![1]).toBeGreaterThan(0.99)
    expect(() => runtime.requireLabels('navigation', ['navigation'])).toThrow(/^the bundle: navigation needs/)
  })

  test('is evaluated on a data set', async () => {
    async function* batches(): AsyncGenerator<Batch> {
      yield {
        ids: ['right', 'wrong'],
        arrays: {
          pixelValues: float32([2, 3, 32, 32], new Float32Array(2 * 3 * 32 * 32)),
          inputIds: int64([2, 16], new Array(32).fill(1)),
          box: float32([2, 4], [...box, 0.7, 0.7, 0.9, 0.9]),
          boxPresent: float32([2], [1, 1]),
          category: float32([2, 3], [0, 1, 0, 0, 0, 1]),
          categoryPresent: float32([2], [1, 1]),
        },
      }
    }
    const { runner, description: of } = new PolicyRuntime(description, new RemotePolicy())
    const metrics = await evaluatePolicy(runner, of.model.config.heads, tolerances, batches)
    expect(metrics).toMatchObject({
      success: 0.5,
      detection: { success: 0.5, accuracy: 0.5, shuffledSuccess: 0.5 },
    })
  })

  test('is tried in the simulated world', async () => {
    const policy = new PolicyRuntime(description, new RemotePolicy())
    const tried = []
    const options = {
      tasks: ['detection'],
      splits: ['heldOutScenes'],
      episodes: 2,
      seed: 1,
      size: 32,
    } as const
    for await (const episode of rollout(policy, options)) tried.push(episode)
    expect(summarizeRollout(tried).detection!.heldOutScenes).toMatchObject({ episodes: 4 })
  })
})

test('a runtime refuses the description of another kind of model', () => {
  const { runner } = new PolicyRuntime(tinyPolicy(), new RemotePolicy())
  expect(() => new PolicyRuntime(tinyBundle('clip'), runner)).toThrow(/the bundle holds a clip model/)
  const encoder = {
    encodeImages: async () => new Float32Array(),
    encodeTexts: async () => new Float32Array(),
  }
  expect(() => new DualEncoderRuntime(tinyPolicy(), encoder)).toThrow(/the bundle holds a policy/)
})

test('a dual encoder that is computed elsewhere is searched and judged', async () => {
  const { weights: _, ...description } = tinyBundle('clip')
  const colors = ['red', 'green', 'blue']
  const words = colors.map((color) => description.tokenizer.encode(color, 16).inputIds)
  const unit = (place: number) => [0, 1, 2].map((i) => Number(i === place))
  /** Images by their strongest colour, texts by its name. */
  const remote: DualEncoderRunner = {
    async encodeImages({ data, shape: [count] }) {
      const area = data.length / count! / 3
      const strengths = Array.from({ length: count! }, (_, i) =>
        [0, 1, 2].map((channel) => Number(data[(3 * i + channel) * area])),
      )
      return Float32Array.from(strengths.flatMap((row) => unit(row.indexOf(Math.max(...row)))))
    },
    async encodeTexts({ data, shape: [count, length] }) {
      const rows = Array.from({ length: count! }, (_, i) =>
        Array.from(data.subarray(i * length!, (i + 1) * length!), Number).join(),
      )
      return Float32Array.from(rows.flatMap((row) => unit(words.findIndex((ids) => ids.join() === row))))
    },
  }
  const runtime = new DualEncoderRuntime(description, remote)
  const frames = colors.map((_, place) => ({
    width: 40,
    height: 40,
    data: Uint8Array.from({ length: 3 * 1600 }, (_, i) => 255 * Number(i % 3 === place)),
  }))
  const identity = Float32Array.from([0, 1, 2].flatMap(unit))
  expect(await runtime.embedImages(frames)).toEqual(identity)
  expect(await runtime.embedTexts(colors)).toEqual(identity)

  async function* batches(): AsyncGenerator<Batch> {
    const pixels = [0, 1, 2].flatMap((place) => unit(place).flatMap((value) => [value, value, value, value]))
    yield {
      ids: colors,
      arrays: {
        pixelValues: float32([3, 3, 2, 2], pixels),
        inputIds: int64([3, 16], words.flat()),
        concepts: hostArray('int64', [3], BigInt64Array.of(0n, 1n, 2n)),
      },
    }
  }
  const { imageToText, textToImage } = crossModalRetrieval(await encodeDataset(runtime.runner, batches()))
  expect([imageToText['R@1'], textToImage['R@1']]).toEqual([100, 100])
})
