import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EngineError } from '../../core/index.ts'
import { koffi } from './koffi.ts'
import { libraryPath } from './library.ts'

/** Libraries that the package of ONNX Runtime does not bring and its installation fetches, on Linux with x64 only. */
const libraries = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const

/** The line that fetches them. */
export const cudaInstallLine = 'ONNXRUNTIME_NODE_INSTALL=true npm rebuild onnxruntime-node'

/** The reason why CUDA cannot be used, and the way out. @param cause ONNX Runtime's own words, which have no reason. */
export function cudaFails(cause: unknown, directory: string = dirname(libraryPath())): EngineError {
  const missing = libraries.find((name) => !existsSync(join(directory, name)))
  const message =
    missing !== undefined
      ? `CUDA's libraries are not installed, because ${missing} is missing: ONNX Runtime was installed with ` +
        `ONNXRUNTIME_NODE_INSTALL=skip, or could not fetch it. Fetch it (on linux-x64): ${cudaInstallLine}`
      : `CUDA's libraries cannot be loaded, because ${reasonOf(directory) ?? messageOf(cause)}. Install NVIDIA's driver, ` +
        'CUDA 12 and cuDNN 9, so that the system finds them'
  return new EngineError('engine/cuda', message, { ...(missing !== undefined && { missing }) }, { cause })
}

/** The system's words on a library that it cannot load. */
function reasonOf(directory: string): string | undefined {
  for (const name of libraries) {
    try {
      koffi.load(join(directory, name))
    } catch (error) {
      const reason = messageOf(error).replace(/^Failed to load shared library: /, '')
      return `${name}: ${reason}`
    }
  }
  return undefined
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
