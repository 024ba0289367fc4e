import { ort, pointerFrom, pointersAt, textAt } from './functions.ts'

/**
 * Severity of what ONNX Runtime logs: what ends the process. Each error also comes as a status, which is told as ours;
 * the library's own line says it again, in colour. Warnings about fallbacks and unused values would drown the progress line.
 */
export const fatalOnly = 4

let environment: bigint | undefined

/** ONNX Runtime's environment: one a process, kept until its end. */
export function ortEnvironment(): bigint {
  environment ??= pointerFrom((out) => ort().CreateEnv(fatalOnly, 'visuomotor', out))
  return environment
}

let allocator: bigint | undefined

/** The allocator of what the library hands out: names, lists of values. */
export function defaultAllocator(): bigint {
  allocator ??= pointerFrom((out) => ort().GetAllocatorWithDefaultOptions(out))
  return allocator
}

/** Execution providers that the library was built with, e.g. `CPUExecutionProvider`. */
export function availableProviders(): string[] {
  const count = new Int32Array(1)
  const names = pointerFrom((out) => ort().GetAvailableProviders(out, count))
  const found = pointersAt(names, count[0]!).map(textAt)
  ort().ReleaseAvailableProviders(names, count[0]!)
  return found
}

const memories = new Map<string, bigint>()

/** Names of memories: that of the host, and WebGPU's buffers. */
export const memoryNames = { cpu: 'Cpu', 'gpu-buffer': 'WebGPU_Buf' } as const
export type Location = keyof typeof memoryNames

/** The library's description of a memory; kept, as there are only two. */
export function memoryInfo(location: Location): bigint {
  const name = memoryNames[location]
  const known = memories.get(name)
  if (known !== undefined) return known
  const [deviceAllocator, device, defaultMemory] = [0, 0, 0]
  const info = pointerFrom((out) => ort().CreateMemoryInfo(name, deviceAllocator, device, defaultMemory, out))
  memories.set(name, info)
  return info
}
