import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { availableDevices } from '../../src/engine/index.ts'

/** Debian's chromium brings Vulkan in software: graphs run there as on a GPU, slowly. */
const chromium = '/usr/lib/chromium'
const usable = availableDevices().includes('webgpu') && existsSync(join(chromium, 'vk_swiftshader_icd.json'))

interface Training {
  readonly losses: readonly number[]
  readonly values: readonly number[]
  readonly location: string
}

/** In a process of its own, because the system looks for Vulkan when a process starts. */
async function train(device: 'cpu' | 'webgpu'): Promise<Training> {
  const script = join(import.meta.dirname, 'train-small-network.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script, device], {
    env: {
      ...process.env,
      LD_LIBRARY_PATH: chromium,
      VK_ICD_FILENAMES: join(chromium, 'vk_swiftshader_icd.json'),
    },
  })
  return JSON.parse(stdout)
}

it('20 steps of training on webgpu agree with the cpu and stay on the device', async ({ skip }) => {
  skip(!usable, 'no Vulkan in software here: install Debian’s chromium to run this test')
  const [cpu, gpu] = await Promise.all([train('cpu'), train('webgpu')])
  expect(gpu.location).toBe('gpu-buffer')
  expect(cpu.losses.at(-1)).toBeLessThan(0.8 * cpu.losses[0]!)
  expect(largestDifference(gpu.losses, cpu.losses)).toBeLessThan(1e-4)
  expect(largestDifference(gpu.values, cpu.values)).toBeLessThan(1e-4)
})

const largestDifference = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
