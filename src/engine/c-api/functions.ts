import { koffi } from './koffi.ts'
import { type Library, loadLibrary } from './library.ts'

/** Argument of a C function: pointers as numbers or as memory, integers, text. */
export type Argument = bigint | number | string | null | NodeJS.TypedArray

const [pointer, int, size, text] = ['void *', 'int', 'size_t', 'str']
/** `ORTCHAR_T`: paths are UTF-16 on Windows. */
const path = process.platform === 'win32' ? 'str16' : 'str'

/** Functions that answer with a status: their place in `OrtApi` and their parameters (onnxruntime_c_api.h). */
const checked = {
  CreateEnv: [3, int, text, pointer],
  CreateSessionFromArray: [8, pointer, pointer, size, pointer, pointer],
  CreateSessionOptions: [10, pointer],
  EnableProfiling: [14, pointer, path],
  DisableMemPattern: [17, pointer],
  SetSessionLogSeverityLevel: [22, pointer, int],
  SetSessionGraphOptimizationLevel: [23, pointer, int],
  SetIntraOpNumThreads: [24, pointer, int],
  SessionGetInputCount: [30, pointer, pointer],
  SessionGetOutputCount: [31, pointer, pointer],
  SessionGetOverridableInitializerCount: [32, pointer, pointer],
  SessionGetInputTypeInfo: [33, pointer, size, pointer],
  SessionGetOutputTypeInfo: [34, pointer, size, pointer],
  SessionGetOverridableInitializerTypeInfo: [35, pointer, size, pointer],
  SessionGetInputName: [36, pointer, size, pointer, pointer],
  SessionGetOutputName: [37, pointer, size, pointer, pointer],
  SessionGetOverridableInitializerName: [38, pointer, size, pointer, pointer],
  CreateTensorAsOrtValue: [48, pointer, pointer, size, int, pointer],
  CreateTensorWithDataAsOrtValue: [49, pointer, pointer, size, pointer, size, int, pointer],
  GetTensorMutableData: [51, pointer, pointer],
  CastTypeInfoToTensorInfo: [55, pointer, pointer],
  GetTensorElementType: [60, pointer, pointer],
  GetDimensionsCount: [61, pointer, pointer],
  GetDimensions: [62, pointer, pointer, size],
  GetTensorTypeAndShape: [65, pointer, pointer],
  CreateMemoryInfo: [68, text, int, int, int, pointer],
  AllocatorFree: [76, pointer, pointer],
  GetAllocatorWithDefaultOptions: [78, pointer],
  SessionEndProfiling: [110, pointer, pointer, pointer],
  GetAvailableProviders: [125, pointer, pointer],
  ReleaseAvailableProviders: [126, pointer, int],
  AddSessionConfigEntry: [130, pointer, text, text],
  CreateAllocator: [131, pointer, pointer, pointer],
  RunWithBinding: [133, pointer, pointer, pointer],
  CreateIoBinding: [134, pointer, pointer],
  BindInput: [136, pointer, text, pointer],
  BindOutput: [137, pointer, text, pointer],
  BindOutputToDevice: [138, pointer, text, pointer],
  GetBoundOutputValues: [140, pointer, pointer, pointer, pointer],
  SessionOptionsAppendExecutionProvider_CUDA_V2: [204, pointer, pointer],
  CreateCUDAProviderOptions: [205, pointer],
  SessionOptionsAppendExecutionProvider: [216, pointer, text, pointer, pointer, size],
  CopyTensors: [386, pointer, pointer, pointer, pointer, size],
} satisfies Record<string, readonly [number, ...string[]]>

/** Functions that take back what others gave. */
const releases = {
  ReleaseSession: 95,
  ReleaseValue: 96,
  ReleaseTypeInfo: 98,
  ReleaseTensorTypeAndShapeInfo: 99,
  ReleaseSessionOptions: 100,
  ReleaseAllocator: 132,
  ReleaseIoBinding: 135,
  ReleaseCUDAProviderOptions: 208,
} as const

/** A function that throws {@link OnnxRuntimeError} when the library refuses. */
export interface CheckedFunction {
  (...values: readonly Argument[]): void
  /** Call on another thread, so that this one is free. Memory is held until the promise settles, and must not change. */
  later(...values: readonly Argument[]): Promise<void>
}

export type Functions = Readonly<Record<keyof typeof checked, CheckedFunction>> &
  Readonly<Record<keyof typeof releases, (object: bigint) => void>> & {
    /** Throw what a status says, if it says anything. */
    readonly check: (status: bigint | null) => void
  }

/** ONNX Runtime's own words. */
export class OnnxRuntimeError extends Error {}

let functions: Functions | undefined

/** The functions of the library; loaded when first asked for. */
export function ort(): Functions {
  functions ??= bindFunctions(loadLibrary())
  return functions
}

function bindFunctions(library: Library): Functions {
  const decode = (place: number, result: string, parameters: readonly string[]) =>
    koffi.decode(library.address(place), koffi.proto(result, [...parameters]))
  const messageOf = decode(2, text, [pointer])
  const releaseStatus = decode(93, 'void', [pointer])
  const check = (status: bigint | null): void => {
    if (!status) return
    const message: string = messageOf(status)
    releaseStatus(status)
    throw new OnnxRuntimeError(message)
  }
  const found: Record<string, unknown> = { check }
  for (const [name, [place, ...parameters]] of Object.entries(checked)) {
    found[name] = checkedFunction(decode(place as number, pointer, parameters as string[]), check)
  }
  for (const [name, place] of Object.entries(releases)) found[name] = decode(place, 'void', [pointer])
  return found as unknown as Functions
}

type Native = ((...values: unknown[]) => bigint | null) & { async(...values: unknown[]): void }

function checkedFunction(native: Native, check: (status: bigint | null) => void): CheckedFunction {
  const call = (...values: readonly Argument[]) => check(native(...values))
  const later = (...values: readonly Argument[]) =>
    new Promise<void>((resolve, reject) => {
      const pointers = values.map((value) => (ArrayBuffer.isView(value) ? addressOf(value) : value))
      native.async(...pointers, (error: Error | null, status: bigint | null) => {
        void values // and the memory among them: held by this function, which koffi holds
        try {
          if (error) throw error
          check(status)
          resolve()
        } catch (thrown) {
          reject(thrown)
        }
      })
    })
  return Object.assign(call, { later })
}

/** The pointer that a function writes to its last parameter. */
export function pointerFrom(write: (out: BigUint64Array) => void): bigint {
  const out = new BigUint64Array(1)
  write(out)
  return out[0]!
}

/** The number that a function writes to its last parameter, an int or a size. */
export const numberFrom = (write: (out: BigUint64Array) => void): number => Number(pointerFrom(write))

const nothing = new Uint8Array(8)

/** Address of the memory of an array. Whoever passes it on holds the array. */
export function addressOf(memory: NodeJS.TypedArray): bigint {
  if (memory.byteLength === 0) return koffi.address(nothing)
  // A small array has its elements in V8's heap, where they may move, until somebody asks for its buffer.
  void memory.buffer
  return koffi.address(memory)
}

/** A view of foreign memory, for as long as the library keeps it there. */
export const memoryAt = (address: bigint, bytes: number): ArrayBuffer => koffi.view(address, bytes)

/** Text in the library's memory. */
export const textAt = (address: bigint): string => koffi.decode.string(address)

/** Pointers in the library's memory. */
export const pointersAt = (address: bigint, count: number): bigint[] => koffi.decode(address, pointer, count)
