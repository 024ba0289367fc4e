import { EngineError, float32 } from '../core/index.ts'
import { input } from '../graph/index.ts'
import { type DeviceName, requireDevice } from './devices.ts'
import { Engine } from './engine.ts'

/**
 * That a device works on this machine: it adds two numbers. Its execution provider may be there without the driver or
 * the libraries that it needs, which shows only in use.
 * @throws ConfigError `engine/device` as {@link requireDevice}; EngineError `engine/device-fails` with the reason.
 */
export async function requireWorkingDevice(name: string): Promise<DeviceName> {
  const device = requireDevice(name)
  try {
    const number = input('number', [1])
    const program = await new Engine({ device }).compile({ sum: number.add(number) })
    await program.run({ number: float32([1], new Float32Array([1])) })
    await program.release()
  } catch (cause) {
    throw new EngineError(
      'engine/device-fails',
      `device '${device}' does not work on this machine; 'npx visuomotor devices' shows which do. ${(cause as Error).message}`,
      { device },
      { cause },
    )
  }
  return device
}
