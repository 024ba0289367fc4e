import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type HostArray, readSafetensors } from '../../src/core/index.ts'
import { hashOf } from '../support/hash-of.ts'
import { hasSoftwareVulkan, noSoftwareVulkan, runOnSoftwareVulkan } from '../support/software-vulkan.ts'
import { type ObservedRun, observedRun, type RecipeName, recipeNames } from './observed-run.ts'

// 12 steps of a small CLIP with a layer in each tower, once on each device from the same seed: AdamW with an average of the weights, and
// gradient descent with momentum over micro-batches (cached features, accumulated gradients).

const [onWebGpu, onCpu] = ['webgpu-', 'cpu-'].map((name) => mkdtempSync(join(tmpdir(), name))) as [
  string,
  string,
]
let webgpu: Readonly<Record<RecipeName, ObservedRun>>
const cpu = {} as Record<RecipeName, ObservedRun>

beforeAll(async () => {
  if (!hasSoftwareVulkan) return
  for (const name of recipeNames) cpu[name] = await observedRun(join(onCpu, name), 'cpu', name)
  // Minutes, on a machine with other things to do: most of them compile shaders.
  webgpu = await runOnSoftwareVulkan(join(import.meta.dirname, 'train-on-webgpu.ts'), onWebGpu)
}, 900_000)

beforeEach(({ skip }) => skip(!hasSoftwareVulkan, noSoftwareVulkan))

/**
 * Adding one vector to all keys changes no attention: the true gradient of a key's bias is zero, and what is
 * computed is the rounding of each device.
 */
const isRounding = (name: string) => name.endsWith('.k_proj.bias')

const arraysOf = (run: string, name: string, step: number): [string, HostArray<'float32'>][] =>
  ['model', 'optimizer'].flatMap((file) => [
    ...(readSafetensors(join(run, name, `checkpoints/${step}/${file}.safetensors`)).tensors as Map<
      string,
      HostArray<'float32'>
    >),
  ])

const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

describe.each(recipeNames)('%s on webgpu', (name) => {
  it('has the losses of the cpu', () => {
    const [actual, expected] = [webgpu[name].losses, cpu[name].losses]
    expect(expected).toHaveLength(12)
    expect(expected.at(-1)).toBeLessThan(0.7 * expected[0]!)
    expected.forEach((loss, i) => {
      expect(Math.abs(actual[i]! - loss) / loss, `step ${i + 1}`).toBeLessThan(1e-4)
    })
    expect(webgpu[name].retrieval).toEqual(cpu[name].retrieval)
  })

  it.each([6, 12])('has weights, average and moments of the cpu after step %i', (step) => {
    const actual = new Map(arraysOf(onWebGpu, name, step))
    const expected = arraysOf(onCpu, name, step)
    expect([...actual.keys()]).toEqual(expected.map(([name]) => name))
    for (const [key, { data }] of expected.filter(([key]) => !isRounding(key))) {
      const difference = data.map((value, i) => value - actual.get(key)!.data[i]!)
      // Relative to the tensor, not to each number: Adam's direction is noise where gradients vanish.
      expect(largest(difference) / largest(data), key).toBeLessThan(1e-4)
    }
  })

  it("has no more than rounding for the gradients of keys' biases", () => {
    const means = arraysOf(onWebGpu, name, 12).filter(([key]) => /^(mean|velocity)\./.test(key))
    const [rounding, others] = [
      means.filter(([key]) => isRounding(key)),
      means.filter(([key]) => !isRounding(key)),
    ]
    expect(rounding).toHaveLength(2)
    const ofModel = Math.max(...others.map(([, { data }]) => largest(data)))
    for (const [key, { data }] of rounding) expect(largest(data) / ofModel, key).toBeLessThan(1e-5)
  })

  it('keeps values, gradients, moments and average on the device', () => {
    expect(webgpu[name].locations).toEqual(['gpu-buffer'])
    expect(webgpu[name].transfers).toBe(0)
    expect(cpu[name].locations).toEqual(['cpu'])
  })
})

// Adam's steps are a learning rate long whatever the gradient is: of its biases of keys nothing can be asked.
it('sgd on webgpu makes nothing of gradients that are rounding', () => {
  const values = arraysOf(onWebGpu, 'sgd', 12).filter(([key]) => isRounding(key) && !/^velocity\./.test(key))
  expect(values).toHaveLength(2)
  for (const [key, { data }] of values) expect(largest(data), key).toBeLessThan(1e-7)
})

it('a run on webgpu goes on from a checkpoint as if it had never stopped', () => {
  for (const file of ['model.safetensors', 'optimizer.safetensors']) {
    const [whole, resumed] = ['adamW', 'resumed'].map((run) => join(onWebGpu, run, 'checkpoints/12', file))
    expect(hashOf(resumed!)).toBe(hashOf(whole!))
  }
})
