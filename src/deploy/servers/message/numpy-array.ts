import { RequestError, type Shape, sizeOf } from '../../../core/index.ts'

/** Typed array for each type of NumPy (its `dtype.str`) that messages carry. Bits of `<f2` are kept as they are. */
const constructors = {
  '|b1': Uint8Array,
  '|u1': Uint8Array,
  '|i1': Int8Array,
  '<u2': Uint16Array,
  '<i2': Int16Array,
  '<f2': Uint16Array,
  '<u4': Uint32Array,
  '<i4': Int32Array,
  '<f4': Float32Array,
  '<u8': BigUint64Array,
  '<i8': BigInt64Array,
  '<f8': Float64Array,
} as const

export type NumpyType = keyof typeof constructors

/** The typed array of any of these types. */
export type NumpyData =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | BigUint64Array
  | BigInt64Array
  | Float64Array

export const isNumpyType = (name: string): name is NumpyType => Object.hasOwn(constructors, name)

/** A dense row-major array of NumPy, as openpi's messages carry it. */
export class NumpyArray {
  readonly dtype: NumpyType
  readonly shape: Shape
  readonly data: NumpyData

  /** @throws RequestError `serve/message` where the shape does not hold as many elements as there are. */
  constructor(dtype: NumpyType, shape: Shape, data: NumpyData) {
    if (sizeOf(shape) !== data.length)
      throw new RequestError(
        'serve/message',
        `an array of shape [${shape}] holds ${sizeOf(shape)} elements, but its data has ${data.length}`,
        { shape, length: data.length },
      )
    this.dtype = dtype
    this.shape = shape
    this.data = data
  }

  /** A float32 array of these numbers. */
  static float32(shape: Shape, values: ArrayLike<number>): NumpyArray {
    return new NumpyArray('<f4', shape, values instanceof Float32Array ? values : Float32Array.from(values))
  }

  /** An array over the bytes of a message, copied only where they are not aligned. @throws RequestError `serve/message`. */
  static fromBytes(dtype: NumpyType, shape: Shape, bytes: Uint8Array): NumpyArray {
    const make = constructors[dtype]
    const width = make.BYTES_PER_ELEMENT
    if (bytes.length % width !== 0)
      throw new RequestError(
        'serve/message',
        `an array of ${dtype} has ${bytes.length} bytes, no whole number of elements of ${width} bytes`,
        { dtype, bytes: bytes.length },
      )
    const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes)
    return new NumpyArray(
      dtype,
      shape,
      new make(aligned.buffer as ArrayBuffer, aligned.byteOffset, bytes.length / width),
    )
  }

  /** Bytes of the elements, not copied. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.data.buffer, this.data.byteOffset, this.data.byteLength)
  }

  /** Test for a NaN or an infinity among the elements. */
  get isFinite(): boolean {
    const { dtype, data } = this
    if (data instanceof Float32Array || data instanceof Float64Array) return data.every(Number.isFinite)
    if (dtype === '<f2') return (data as Uint16Array).every((bits) => (bits & 0x7c00) !== 0x7c00)
    return true
  }
}
