import { env, listSupportedBackends } from 'onnxruntime-node'
import { ConfigError } from '../core/index.ts'

/** The version of ONNX Runtime that programs run on. */
export const onnxruntimeVersion: string = env.versions.node ?? env.versions.common

/** Where a program runs. Which of them exist depends on the platform's onnxruntime package. */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const
export type DeviceName = (typeof deviceNames)[number]

/** The devices for which the installed onnxruntime brings an execution provider. */
export function availableDevices(): DeviceName[] {
  const bundled = new Set(listSupportedBackends().map(({ name }) => name))
  return deviceNames.filter((name) => bundled.has(name))
}

/** @throws ConfigError `engine/device` when `name` has no execution provider here. */
export function requireDevice(name: string): DeviceName {
  const available = availableDevices()
  const device = available.find((known) => known === name)
  if (device) return device
  throw new ConfigError(
    'engine/device',
    `device '${name}' is not available with this onnxruntime on ${process.platform}-${process.arch}; choose one of: ${available.join(', ')}`,
    { device: name, available },
  )
}
