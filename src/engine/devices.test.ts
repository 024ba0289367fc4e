import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConfigError } from '../core/index.ts'
import { libraryPath } from './c-api/library.ts'
import { availableDevices, Engine, Program, requireDevice, requireWorkingDevice } from './index.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it.each([
  ['linux', 'x64'],
  ['linux', 'arm64'],
  ['darwin', 'arm64'],
  ['win32', 'x64'],
  ['win32', 'arm64'],
])('onnxruntime-node brings the library for %s on %s', (platform, arch) => {
  expect(existsSync(libraryPath(platform, arch))).toBe(true)
})

describe('devices', () => {
  it('always have the cpu, which is the default', () => {
    expect(availableDevices()).toContain('cpu')
    expect(requireDevice('cpu')).toBe('cpu')
    expect(new Engine().device).toBe('cpu')
  })

  it('that are not there are refused with those that are', () => {
    const build = () => requireDevice('tpu')
    expect(build).toThrow(ConfigError)
    expect(build).toThrow(/device 'tpu' is not available .*; choose one of: cpu/)
  })

  it('work, or are refused with the reason and where to look', async () => {
    expect(await requireWorkingDevice('cpu')).toBe('cpu')
    await expect(requireWorkingDevice('tpu')).rejects.toThrow(ConfigError)
    vi.spyOn(Program, 'create').mockRejectedValueOnce(new Error('no driver'))
    await expect(requireWorkingDevice('cpu')).rejects.toMatchObject({
      name: 'EngineError',
      code: 'engine/device-fails',
      message:
        "device 'cpu' does not work on this machine; 'npx visuomotor devices' shows which do. no driver",
    })
  })

  it('compute in float16, or are refused for a run that wants it', async () => {
    expect(await requireWorkingDevice('cpu', 'float16')).toBe('cpu')
    const create = Program.create.bind(Program)
    vi.spyOn(Program, 'create')
      .mockImplementationOnce(create)
      .mockRejectedValueOnce(new Error('no shader-f16'))
    await expect(requireWorkingDevice('cpu', 'float16')).rejects.toMatchObject({
      name: 'EngineError',
      code: 'engine/no-float16',
      message:
        "device 'cpu' does not compute in float16 on this machine: use precision 'float32'. no shader-f16",
    })
  })
})
