import { describe, expect, it } from 'vitest'
import { ConfigError } from '../core/index.ts'
import { availableDevices, Engine, requireDevice } from './index.ts'

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
})
