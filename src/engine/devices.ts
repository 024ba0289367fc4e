import { ConfigError } from '../core/index.ts'
import { availableProviders } from './c-api/environment.ts'
import { loadLibrary } from './c-api/library.ts'

/** The version of ONNX Runtime that programs run on. */
export const onnxruntimeVersion = (): string => loadLibrary().version

/** Devices on which programs run. Which of them exist depends on the platform's onnxruntime package. */
export const deviceNames = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const
export type DeviceName = (typeof deviceNames)[number]

/** Names that ONNX Runtime has for the execution providers of devices. */
const providers: Readonly<Record<DeviceName, string>> = {
  cpu: 'CPUExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
  dml: 'DmlExecutionProvider',
}

/** The devices for which the installed onnxruntime brings an execution provider. */
export function availableDevices(): DeviceName[] {
  const built = new Set(availableProviders())
  return deviceNames.filter((name) => built.has(providers[name]))
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
