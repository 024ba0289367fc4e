import { defaultAllocator, memoryInfo, ortEnvironment } from './environment.ts'
import { numberFrom, OnnxRuntimeError, ort, pointerFrom, textAt } from './functions.ts'
import { type SessionOptions, withSessionOptions } from './session-options.ts'
import { catchingDawn } from './standard-error.ts'
import { type TensorType, typeFrom } from './tensor-type.ts'
import { gpuTurns, Turns } from './turns.ts'

/**
 * Load a graph on WebGPU, and tell what Dawn says as ours: with the error where it fails, else as a warning of the process.
 */
async function tellingDawn<Result>(load: () => Promise<Result>): Promise<Result> {
  const messages: string[] = []
  try {
    const result = await catchingDawn(load, (told) => messages.push(...told))
    for (const message of messages) process.emitWarning(`WebGPU: ${message}`, 'VisuomotorWarning')
    return result
  } catch (cause) {
    const details = messages.map((message) => ` (${message})`).join('')
    throw new OnnxRuntimeError(`${(cause as Error).message}${details}`, { cause })
  }
}

/** A loaded graph. It is released when the last that uses it has let go: its binding, its values on a device. */
export class Session {
  readonly inputs: ReadonlyMap<string, TensorType>
  readonly outputs: ReadonlyMap<string, TensorType>
  /** Inputs that have a value in the file, which is used where nothing is fed. */
  readonly optionalInputs: ReadonlyMap<string, TensorType>
  readonly #pointer: bigint
  readonly #options: SessionOptions
  readonly #turns: Turns
  #users = 1
  #deviceAllocator: bigint | undefined

  private constructor(pointer: bigint, options: SessionOptions) {
    this.#pointer = pointer
    this.#options = options
    this.#turns = options.device === 'webgpu' ? gpuTurns : new Turns()
    const { SessionGetInputCount, SessionGetInputName, SessionGetInputTypeInfo } = ort()
    const { SessionGetOutputCount, SessionGetOutputName, SessionGetOutputTypeInfo } = ort()
    this.inputs = this.#types(SessionGetInputCount, SessionGetInputName, SessionGetInputTypeInfo)
    this.outputs = this.#types(SessionGetOutputCount, SessionGetOutputName, SessionGetOutputTypeInfo)
    const { SessionGetOverridableInitializerCount: count, SessionGetOverridableInitializerName: name } = ort()
    this.optionalInputs = this.#types(count, name, ort().SessionGetOverridableInitializerTypeInfo)
  }

  /** Load an ONNX file, on another thread. `bytes` must stay as they are until it is done. */
  static async create(bytes: Uint8Array, options: SessionOptions): Promise<Session> {
    const load = () =>
      withSessionOptions(options, async (given) => {
        const out = new BigUint64Array(1)
        await ort().CreateSessionFromArray.later(ortEnvironment(), bytes, bytes.length, given, out)
        return out[0]!
      })
    const pointer = await (options.device === 'webgpu' ? gpuTurns.take(() => tellingDawn(load)) : load())
    return Session.#owning(pointer, options)
  }

  static #owning(pointer: bigint, options: SessionOptions): Session {
    try {
      return new Session(pointer, options)
    } catch (error) {
      ort().ReleaseSession(pointer)
      throw error
    }
  }

  get pointer(): bigint {
    return this.#pointer
  }

  get device(): SessionOptions['device'] {
    return this.#options.device
  }

  /** Do `work` alone: what a session runs on is not to be used by two at a time. */
  alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#turns.take(work)
  }

  /** Do `work` when no other thread uses the device; at once on the CPU, where threads may meet. */
  betweenRuns(work: () => void): void {
    if (this.device === 'webgpu') void gpuTurns.take(work)
    else work()
  }

  /** Allocator of buffers on the session's device. */
  deviceAllocator(): bigint {
    this.#deviceAllocator ??= pointerFrom((out) =>
      ort().CreateAllocator(this.#pointer, memoryInfo('gpu-buffer'), out),
    )
    return this.#deviceAllocator
  }

  /** Write the trace of a session that was loaded with a prefix for it. */
  endProfiling(): void {
    const file = pointerFrom((out) => ort().SessionEndProfiling(this.#pointer, defaultAllocator(), out))
    ort().AllocatorFree(defaultAllocator(), file)
  }

  retain(): void {
    this.#users++
  }

  release(): void {
    if (--this.#users > 0) return
    if (this.#deviceAllocator !== undefined) ort().ReleaseAllocator(this.#deviceAllocator)
    ort().ReleaseSession(this.#pointer)
  }

  #types(
    count: (session: bigint, out: BigUint64Array) => void,
    name: (session: bigint, index: number, allocator: bigint, out: BigUint64Array) => void,
    type: (session: bigint, index: number, out: BigUint64Array) => void,
  ): Map<string, TensorType> {
    const session = this.#pointer
    const found = new Map<string, TensorType>()
    const length = numberFrom((out) => count(session, out))
    for (let i = 0; i < length; i++) {
      const address = pointerFrom((out) => name(session, i, defaultAllocator(), out))
      const text = textAt(address)
      ort().AllocatorFree(defaultAllocator(), address)
      found.set(
        text,
        typeFrom(
          pointerFrom((out) => type(session, i, out)),
          text,
        ),
      )
    }
    return found
  }
}
