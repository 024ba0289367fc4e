import type { DeviceName } from '../devices.ts'
import { cudaFails } from './cuda.ts'
import { fatalOnly, ortEnvironment } from './environment.ts'
import { ort, pointerFrom } from './functions.ts'
import { loadLibrary } from './library.ts'

export interface SessionOptions {
  readonly device: DeviceName
  /** Threads for one operation on the CPU; default: all cores. */
  readonly threads?: number
  /** Passes of ONNX Runtime's own over the graph; default `disabled`. */
  readonly graphOptimizationLevel?: keyof typeof optimizationLevels
  /** Beginning of the path of a trace, which is written when the session ends profiling; default: no trace. */
  readonly profileFilePrefix?: string
}

/** `GraphOptimizationLevel` of the C API. */
const optimizationLevels = { disabled: 0, all: 99 } as const

/** Give the library's session options to `use`, and release them when it is done. */
export async function withSessionOptions<Result>(
  { device, threads, graphOptimizationLevel = 'disabled', profileFilePrefix }: SessionOptions,
  use: (options: bigint) => Promise<Result>,
): Promise<Result> {
  ortEnvironment() // first: providers log to it when they are appended
  const options = pointerFrom((out) => ort().CreateSessionOptions(out))
  try {
    ort().SetSessionLogSeverityLevel(options, fatalOnly)
    // Graphs that are compiled come rewritten: ONNX Runtime's own passes make no step faster, and their time grows
    // faster than the depth of a model (2.2 of 3.1 seconds at 32 layers).
    ort().SetSessionGraphOptimizationLevel(options, optimizationLevels[graphOptimizationLevel])
    // The memory pattern planner doubled peak memory at the same speed (docs/engine.md).
    ort().DisableMemPattern(options)
    // After a run its threads would wait busily for 20 ms, on the cores that the next session of a step needs (docs/engine.md).
    ort().AddSessionConfigEntry(options, 'session.force_spinning_stop', '1')
    if (profileFilePrefix !== undefined) ort().EnableProfiling(options, profileFilePrefix)
    if (threads !== undefined) ort().SetIntraOpNumThreads(options, threads)
    appendProvider[device](options)
    return await use(options)
  } finally {
    ort().ReleaseSessionOptions(options)
  }
}

const byName = (name: string) => (options: bigint) =>
  ort().SessionOptionsAppendExecutionProvider(options, name, null, null, 0)

/** Ways to tell a session of its device; what a device cannot compute, the CPU does. */
const appendProvider: Readonly<Record<DeviceName, (options: bigint) => void>> = {
  cpu: () => {},
  webgpu: byName('WebGPU'),
  coreml: byName('CoreML'),
  cuda: (options) => {
    const cuda = pointerFrom((out) => ort().CreateCUDAProviderOptions(out))
    try {
      ort().SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda)
    } catch (cause) {
      throw cudaFails(cause)
    } finally {
      ort().ReleaseCUDAProviderOptions(cuda)
    }
  },
  dml: (options) => {
    const append = loadLibrary().exported('OrtSessionOptionsAppendExecutionProvider_DML', 'void *', [
      'void *',
      'int',
    ])
    ort().check(append(options, 0) as bigint | null)
  },
}
