import { bytesPerElement, type DType, type Shape, type Storage, sameShape, sizeOf } from '../core/index.ts'
import { arrayOver } from './c-api/element-types.ts'
import { Value } from './c-api/value.ts'

/** Memory of a program's own, which stays in place while the library computes; what goes through it is copied. */
export class HostMemory {
  readonly #dtype: DType
  #buffer = new ArrayBuffer(0)
  #value: Value | undefined

  constructor(dtype: DType) {
    this.#dtype = dtype
  }

  /** A value of a shape over the memory, which grows to it: the same as before while the shape is. */
  shaped(shape: Shape): Value {
    if (this.#value && sameShape(this.#value.type.shape, shape)) return this.#value
    const bytes = sizeOf(shape) * bytesPerElement(this.#dtype)
    if (bytes > this.#buffer.byteLength) this.#buffer = new ArrayBuffer(bytes)
    this.#value?.release()
    this.#value = Value.over(arrayOver(this.#dtype, this.#buffer, sizeOf(shape)), this.#dtype, shape)
    return this.#value
  }

  write(data: NodeJS.TypedArray): void {
    writeBytes(this.#value!.memory!, data)
  }

  copy(): Storage[DType] {
    return this.#value!.memory!.slice() as Storage[DType]
  }
}

/** Copy an array over another of its size. */
export const writeBytes = (target: NodeJS.TypedArray, source: NodeJS.TypedArray): void =>
  bytesOf(target).set(bytesOf(source))

const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
