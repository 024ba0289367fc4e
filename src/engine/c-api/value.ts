import {
  bytesPerElement,
  type DType,
  EngineError,
  type Shape,
  type Storage,
  sizeOf,
} from '../../core/index.ts'
import { arrayOver, codeOf } from './element-types.ts'
import { memoryInfo } from './environment.ts'
import { addressOf, memoryAt, ort, pointerFrom } from './functions.ts'
import type { Session } from './session.ts'
import { type TensorType, typeOf } from './tensor-type.ts'

/** Collector of values that nobody released. It knows what to free, never the owners. */
const forgotten = new FinalizationRegistry<() => void>((free) => free())

/**
 * The owner of a value of ONNX Runtime. It holds the memory under the value, which the library does not, and the
 * session on whose device it is.
 */
export class Value {
  readonly type: TensorType
  /** Memory of the host that the value is over. */
  readonly memory: NodeJS.TypedArray | undefined
  readonly #pointer: bigint
  readonly #free: () => void
  #released = false

  private constructor(
    pointer: bigint,
    type: TensorType,
    owner: { memory?: NodeJS.TypedArray; session?: Session },
  ) {
    const { memory, session } = owner
    this.type = type
    this.memory = memory
    this.#pointer = pointer
    session?.retain()
    this.#free = session
      ? () => session.betweenRuns(() => release(pointer, session))
      : () => ort().ReleaseValue(pointer)
    forgotten.register(this, this.#free, this)
  }

  /** A value over memory of the host that neither moves nor can be taken away. */
  static over(memory: NodeJS.TypedArray, dtype: DType, shape: Shape): Value {
    const sizes = BigInt64Array.from(shape, BigInt)
    const bytes = sizeOf(shape) * bytesPerElement(dtype)
    const [info, address] = [memoryInfo('cpu'), addressOf(memory)]
    const create = ort().CreateTensorWithDataAsOrtValue
    const pointer = pointerFrom((out) =>
      create(info, address, bytes, sizes, sizes.length, codeOf(dtype), out),
    )
    return new Value(pointer, { dtype, shape }, { memory })
  }

  /** A float32 vector on the device of a session; what it holds is left from before. */
  static onDevice(session: Session, length: number): Value {
    const sizes = BigInt64Array.of(BigInt(length))
    const allocator = session.deviceAllocator()
    const pointer = pointerFrom((out) =>
      ort().CreateTensorAsOrtValue(allocator, sizes, 1, codeOf('float32'), out),
    )
    return new Value(pointer, { dtype: 'float32', shape: [length] }, { session })
  }

  /** A value that a session gave out under a name. */
  static from(pointer: bigint, name: string, session: Session): Value {
    return new Value(pointer, typeOf(pointer, name), { session })
  }

  /** @throws EngineError `engine/released` when it was released. */
  get pointer(): bigint {
    if (!this.#released) return this.#pointer
    throw new EngineError('engine/released', 'the tensor was disposed of: its memory may hold something else')
  }

  /** Itself. @throws EngineError `engine/released` when it was released. */
  held(): this {
    void this.pointer
    return this
  }

  /** A copy of a value in host memory. */
  copy(): Storage[DType] {
    const { dtype, shape } = this.type
    const bytes = sizeOf(shape) * bytesPerElement(dtype)
    const own = new ArrayBuffer(bytes)
    if (bytes > 0) {
      const address = pointerFrom((out) => ort().GetTensorMutableData(this.pointer, out))
      new Uint8Array(own).set(new Uint8Array(memoryAt(address, bytes)))
    }
    return arrayOver(dtype, own, sizeOf(shape))
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    forgotten.unregister(this)
    this.#free()
  }
}

function release(pointer: bigint, session: Session): void {
  ort().ReleaseValue(pointer)
  session.release()
}
