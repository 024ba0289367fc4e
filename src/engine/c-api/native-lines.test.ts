import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { cudaFails } from './cuda.ts'
import { dawnMessages } from './standard-error.ts'

const directory = mkdtempSync(join(tmpdir(), 'native-lines-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('messages of Dawn are told apart from what others write', () => {
  const text =
    "step 10 loss 2.1\nWarning: Couldn't load Vulkan: libvulkan.so.1: no such file\n" +
    '    at operator() (/dawn/native/vulkan/BackendVk.cpp:368)\n\nWarning: of ours\nWarning: Vulkan 1.3 required.\n' +
    ' - While initializing adapter\n    at InitializeImpl (/dawn/native/vulkan/PhysicalDeviceVk.cpp:253)\n\nstep 20 loss 1.9\n'
  expect(dawnMessages(text)).toEqual({
    messages: ["Couldn't load Vulkan: libvulkan.so.1: no such file", 'Vulkan 1.3 required.'],
    rest: 'step 10 loss 2.1\nWarning: of ours\nstep 20 loss 1.9\n',
  })
})

describe('CUDA', () => {
  test('without its libraries leads back to the install line', () => {
    const { code, message } = cudaFails(new Error('Failed to load shared library'), join(directory, 'none'))
    expect(code).toBe('engine/cuda')
    expect(message).toMatch(
      /^CUDA's libraries are not installed, because libonnxruntime_providers_shared\.so is missing/,
    )
    expect(message).toContain('ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node')
  })

  test.runIf(process.platform === 'linux')('with libraries that cannot be loaded gives the reason', () => {
    for (const name of ['shared', 'cuda']) {
      writeFileSync(join(directory, `libonnxruntime_providers_${name}.so`), 'no library')
    }
    const { message } = cudaFails(new Error('Failed to load shared library'), directory)
    expect(message).toMatch(/cannot be loaded, because .*libonnxruntime_providers_shared\.so: file too short/)
    expect(message).toContain('cuDNN')
  })
})

/** What a script that uses the engine writes to standard error, native libraries included. */
async function standardErrorOf(lines: string): Promise<string> {
  const engine = pathToFileURL(join(import.meta.dirname, '../../../dist/engine/index.js')).href
  const script = join(directory, 'script.mjs')
  writeFileSync(script, `import { Engine, requireWorkingDevice } from '${engine}'\n${lines}\n`)
  // Without this folder libraries of windows, which drivers of Vulkan load, write a line.
  const env = { ...process.env, XDG_RUNTIME_DIR: directory }
  const { stderr } = await promisify(execFile)(process.execPath, [script], { env })
  return stderr
}

test.each([
  ['a device that does not work', "await requireWorkingDevice('cuda').catch(() => {})"],
  ['an adapter that is not there', "await requireWorkingDevice('webgpu').catch(() => {})"],
  ['a graph that is refused', 'await new Engine().load(new Uint8Array(99)).catch(() => {})'],
])('%s writes no line past ours', async (_, lines) => {
  const written = await standardErrorOf(`${lines}\nconsole.error('ours')`)
  const others = written.split('\n').filter((line) => !/VisuomotorWarning|--trace-warnings/.test(line))
  expect(others).toEqual(['ours', ''])
})
