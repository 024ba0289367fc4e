import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ConfigError } from '../../core/index.ts'
import { koffi } from './koffi.ts'

/** ONNX Runtime's shared library as onnxruntime-node names it: the file that its own binding links to. */
const fileNames: Readonly<Record<string, string>> = {
  linux: 'libonnxruntime.so.1',
  darwin: 'libonnxruntime.1.dylib',
  win32: 'onnxruntime.dll',
}

/** Version of the C API that is asked for: the first with `CopyTensors`. Later libraries serve it too. */
const apiVersion = 23

/** Stack of a call on another thread, in bytes. */
const stackBytes = 2 ** 23

/** The file of the library that onnxruntime-node ships for a platform and a processor. */
export function libraryPath(platform: string = process.platform, arch: string = process.arch): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  return join(root, 'bin/napi-v6', platform, arch, fileNames[platform] ?? 'libonnxruntime')
}

/** ONNX Runtime's library in this process, and the table of its functions. */
export interface Library {
  /** A function that the library exports by name, for what is not in the table. */
  exported(name: string, result: string, parameters: readonly string[]): (...values: unknown[]) => unknown
  /** Address of the function at a place of `OrtApi`. */
  address(place: number): bigint
  readonly version: string
}

// koffi closes a library when its handle is collected, and the next call would end the process: it is held here.
let library: Library | undefined

/** @throws ConfigError `engine/platform` when onnxruntime-node brings no library for this machine, `engine/stack-size` when koffi's stacks can no longer be widened. */
export function loadLibrary(): Library {
  library ??= open(libraryPath())
  return library
}

function open(path: string): Library {
  if (!existsSync(path)) {
    throw new ConfigError(
      'engine/platform',
      `onnxruntime-node has no library for ${process.platform}-${process.arch} (${path}); it has them for Linux and Windows on x64 and arm64, and for macOS on arm64`,
      { platform: process.platform, arch: process.arch },
    )
  }
  widenStacks()
  const handle = koffi.load(path)
  keepLoaded(path)
  const base = handle.func('OrtGetApiBase', 'void *', [])()
  const at = (place: number, of: unknown): bigint => koffi.decode(of, 8 * place, 'void *')
  const table = koffi.decode(at(0, base), koffi.proto('void *', ['uint32_t']))(apiVersion)
  return {
    exported: (name, result, parameters) => handle.func(name, result, [...parameters]),
    address: (place) => at(place, table),
    version: koffi.decode(at(1, base), koffi.proto('str', []))(),
  }
}

/**
 * Give calls of other threads, which run on stacks of koffi's of 128 KiB by default, enough for a deep graph. koffi
 * takes this before the first library is loaded only; another copy of this module may have done so already.
 */
export function widenStacks(): void {
  if ((koffi.config().async_stack_size ?? 0) >= stackBytes) return
  try {
    koffi.config({ async_stack_size: stackBytes })
  } catch (cause) {
    throw new ConfigError(
      'engine/stack-size',
      `this process loaded a library with koffi before the engine, and its stacks of other threads are too small for it; call koffi.config({ async_stack_size: ${stackBytes} }) before the first koffi.load`,
      { bytes: stackBytes },
      { cause },
    )
  }
}

/**
 * Open the library once more and never close it. koffi closes its own when the process or a worker ends, while
 * ONNX Runtime's threads may still be inside.
 */
function keepLoaded(path: string): void {
  if (process.platform === 'win32') koffi.load('kernel32.dll').func('void *LoadLibraryW(str16)')(path)
  else koffi.load(null).func('void *dlopen(str, int)')(path, 1)
}
