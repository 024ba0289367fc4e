import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { availableDevices } from '../../src/engine/index.ts'
import { runScript } from './run-script.ts'

/** Debian's chromium brings Vulkan in software: graphs run there as on a GPU, slowly. */
const chromium = '/usr/lib/chromium'
const driver = join(chromium, 'vk_swiftshader_icd.json')

export const hasSoftwareVulkan = availableDevices().includes('webgpu') && existsSync(driver)

export const noSoftwareVulkan = 'no Vulkan in software here: install Debian’s chromium to run this test'

/**
 * Run a script in a process of its own, because the system looks for Vulkan when a process starts.
 * @returns What it prints, read as JSON.
 */
export async function runOnSoftwareVulkan<Result>(script: string, ...args: string[]): Promise<Result> {
  const env = { ...process.env, LD_LIBRARY_PATH: chromium, VK_ICD_FILENAMES: driver }
  return JSON.parse(await runScript(script, { args, env }))
}
