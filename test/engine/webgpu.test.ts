import { join } from 'node:path'
import { expect, it } from 'vitest'
import { hasSoftwareVulkan, noSoftwareVulkan, runOnSoftwareVulkan } from '../support/software-vulkan.ts'

interface Training {
  readonly losses: readonly number[]
  readonly values: readonly number[]
  readonly location: string
}

const train = (device: 'cpu' | 'webgpu') =>
  runOnSoftwareVulkan<Training>(join(import.meta.dirname, 'train-small-network.ts'), device)

it('20 steps of training on webgpu agree with the cpu and stay on the device', async ({ skip }) => {
  skip(!hasSoftwareVulkan, noSoftwareVulkan)
  const [cpu, gpu] = await Promise.all([train('cpu'), train('webgpu')])
  expect(gpu.location).toBe('gpu-buffer')
  expect(cpu.losses.at(-1)).toBeLessThan(0.7 * cpu.losses[0]!)
  expect(largestDifference(gpu.losses, cpu.losses)).toBeLessThan(1e-4)
  expect(largestDifference(gpu.values, cpu.values)).toBeLessThan(1e-4)
})

const largestDifference = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
