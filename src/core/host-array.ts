import { ShapeError } from './errors.ts'
import { type Shape, sizeOf } from './shape.ts'

/** Element types of graphs and host arrays. `float16` is stored as raw bits. */
export type DType = 'float32' | 'float16' | 'int64' | 'int32' | 'bool' | 'uint8' | 'int8'

/** The typed array that stores each dtype. */
export interface Storage {
  float32: Float32Array
  float16: Uint16Array
  int64: BigInt64Array
  int32: Int32Array
  bool: Uint8Array
  uint8: Uint8Array
  int8: Int8Array
}

const constructors = {
  float32: Float32Array,
  float16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
} as const

/** Bytes of one element. */
export const bytesPerElement = (dtype: DType): number => constructors[dtype].BYTES_PER_ELEMENT

/** A dense row-major array in host memory. Data emits such arrays, the engine feeds them. */
export interface HostArray<D extends DType = DType> {
  readonly dtype: D
  readonly shape: Shape
  readonly data: Storage[D]
}

/**
 * Wrap `data` as an array of `shape`.
 * @throws ShapeError `shape/host-array` when the number of elements differs.
 */
export function hostArray<D extends DType>(dtype: D, shape: Shape, data: Storage[D]): HostArray<D> {
  if (data.length !== sizeOf(shape)) {
    throw new ShapeError(
      'shape/host-array',
      `an array of shape [${shape}] holds ${sizeOf(shape)} elements, but the data has ${data.length}`,
      { shape, length: data.length },
    )
  }
  return { dtype, shape, data }
}

/** An array of zeros. */
export function zeros<D extends DType>(dtype: D, shape: Shape): HostArray<D> {
  return { dtype, shape, data: new constructors[dtype](sizeOf(shape)) as Storage[D] }
}

/** A float32 array from numbers. */
export const float32 = (shape: Shape, values: ArrayLike<number>): HostArray<'float32'> =>
  hostArray('float32', shape, values instanceof Float32Array ? values : Float32Array.from(values))

/** An int64 array from numbers. */
export const int64 = (shape: Shape, values: ArrayLike<number>): HostArray<'int64'> =>
  hostArray('int64', shape, BigInt64Array.from(Array.from(values, (value) => BigInt(value))))
