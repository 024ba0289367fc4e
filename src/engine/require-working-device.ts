import { EngineError, float32 } from '../core/index.ts'
import { input } from '../graph/index.ts'
import { type DeviceName, requireDevice } from './devices.ts'
import { Engine, type Precision } from './engine.ts'

/**
 * Require that a device works on this machine: it multiplies two numbers. Its execution provider may be there without the
 * driver or the libraries that it needs, which shows only in use; a GPU may lack float16.
 * @param precision Precision of the products that it is wanted for.
 * @throws ConfigError `engine/device` as {@link requireDevice}; EngineError `engine/device-fails` with the reason,
 * `engine/no-float16` when it works, but not in that precision.
 */
export async function requireWorkingDevice(
  name: string,
  precision: Precision = 'float32',
): Promise<DeviceName> {
  const device = requireDevice(name)
  await multiply(device, 'float32').catch((cause: Error) => {
    throw new EngineError(
      'engine/device-fails',
      `device '${device}' does not work on this machine; 'npx visuomotor devices' shows which do. ${cause.message}`,
      { device },
      { cause },
    )
  })
  if (precision === 'float32') return device
  await multiply(device, precision).catch((cause: Error) => {
    throw new EngineError(
      'engine/no-float16',
      `device '${device}' does not compute in float16 on this machine: use precision 'float32'. ${cause.message}`,
      { device },
      { cause },
    )
  })
  return device
}

async function multiply(device: DeviceName, precision: Precision): Promise<void> {
  const number = input('number', [1, 1])
  const program = await new Engine({ device }).compile({ square: number.matmul(number) }, { precision })
  await program.run({ number: float32([1, 1], [1]) })
  await program.release()
}
