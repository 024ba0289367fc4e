import { types } from 'node:util'
import { type DType, EngineError, type HostArray, type Shape, type Storage, sizeOf } from '../core/index.ts'
import type { Location } from './c-api/environment.ts'
import { Value } from './c-api/value.ts'

/** The value of the library behind a tensor. Only this room has it: a wrong pointer ends the process. */
export let deviceValue: (tensor: DeviceTensor) => Value | undefined

/** A tensor whose value is on the device. */
export let onDevice: (value: Value) => DeviceTensor

/**
 * An array on a program's device: in host memory on the CPU, in a buffer of the GPU elsewhere. Programs read and write
 * shared host memory in place; other host memory, which its owner may transfer away, is copied in and out.
 */
export class DeviceTensor {
  readonly type: DType
  readonly dims: Shape
  readonly location: Location
  readonly #data: Storage[DType] | undefined
  #value: Value | undefined

  private constructor(type: DType, dims: Shape, data: Storage[DType] | undefined, value: Value | undefined) {
    this.type = type
    this.dims = dims
    this.location = data ? 'cpu' : 'gpu-buffer'
    this.#data = data
    this.#value = value
  }

  static {
    deviceValue = (tensor) => tensor.#valueInPlace()
    onDevice = (value) => new DeviceTensor(value.type.dtype, value.type.shape, undefined, value)
  }

  /**
   * A host array as a tensor, without a copy.
   * @throws EngineError `engine/feed` when the number of elements is another than that of the shape.
   */
  static over({ dtype, shape, data }: HostArray): DeviceTensor {
    if (data.length === sizeOf(shape)) return new DeviceTensor(dtype, shape, data, undefined)
    throw new EngineError(
      'engine/feed',
      `a tensor of shape [${shape}] holds ${sizeOf(shape)} elements, but the data has ${data.length}`,
      { shape, length: data.length },
    )
  }

  /** @throws EngineError `engine/location` when the array is in a buffer of the device. */
  get data(): Storage[DType] {
    if (this.#data) return this.#data
    throw new EngineError(
      'engine/location',
      `the value is a ${this.location}; leave its name out of onDevice, or use engine.download`,
      { location: this.location },
    )
  }

  /** Free the buffer on the device. Host memory is left to the collector. */
  dispose(): void {
    this.#value?.release()
  }

  #valueInPlace(): Value | undefined {
    if (!this.#value && this.#data && types.isSharedArrayBuffer(this.#data.buffer)) {
      this.#value = Value.over(this.#data, this.type, this.dims)
    }
    return this.#value
  }
}
