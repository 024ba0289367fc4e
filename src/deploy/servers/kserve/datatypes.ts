import {
  type DType,
  fromFloat16,
  type HostArray,
  RequestError,
  type Storage,
  sizeOf,
} from '../../../core/index.ts'

/** Typed array of each type of KServe's that tensors of graphs may come as. */
const storages = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const

export type Datatype = keyof typeof storages
/** Elements of a tensor of numbers. */
export type Values =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array

/** All types of the protocol. */
export const datatypes = [...(Object.keys(storages) as Datatype[]), 'BYTES'] as const

/** Type of the protocol for each type of a graph. */
const ofGraphs: Readonly<Record<DType, Datatype>> = {
  bool: 'BOOL',
  uint8: 'UINT8',
  int8: 'INT8',
  int32: 'INT32',
  int64: 'INT64',
  float16: 'FP16',
  float32: 'FP32',
}

export const datatypeOf = (dtype: DType): Datatype => ofGraphs[dtype]

/** Values of an array of an answer as JSON has them. */
export function jsonOf({ dtype, data }: HostArray): unknown[] {
  if (dtype === 'bool') return Array.from(data as Uint8Array, Boolean)
  const values = dtype === 'float16' ? fromFloat16(data as Uint16Array) : data
  return Array.from(values as ArrayLike<number | bigint>, Number)
}

const wrong = (name: string, problem: string): RequestError =>
  new RequestError('serve/tensor', `tensor ${name}: ${problem}`, { name })

/** Values of a tensor in JSON, flat or in nested lists. @throws RequestError `serve/tensor`. */
export function valuesOfJson(name: string, datatype: Datatype, data: readonly unknown[]): Values {
  const flat = data.flat(8)
  const make = storages[datatype]
  const isBig = datatype === 'INT64' || datatype === 'UINT64'
  if (datatype === 'FP16') throw wrong(name, 'FP16 has no form in JSON; send it as binary data, or as FP32')
  if (datatype === 'BOOL') {
    if (!flat.every((value) => typeof value === 'boolean')) throw wrong(name, 'a value is no truth value')
    return Uint8Array.from(flat, Number)
  }
  const isWhole = !datatype.startsWith('FP')
  for (const value of flat)
    if (typeof value !== 'number' || (isWhole && !Number.isSafeInteger(value)))
      throw wrong(name, `${JSON.stringify(value).slice(0, 40)} is no ${isWhole ? 'whole ' : ''}number`)
  const values = flat as number[]
  if (isBig) {
    if (datatype === 'UINT64' && values.some((value) => value < 0)) throw outOfRange(name, datatype)
    return (make as typeof BigInt64Array).from(values, BigInt)
  }
  const stored = (make as typeof Int32Array).from(values) as Values
  if (isWhole && values.some((value, i) => Number(stored[i]) !== value)) throw outOfRange(name, datatype)
  return stored
}

const outOfRange = (name: string, datatype: string): RequestError =>
  wrong(name, `a number is out of the range of ${datatype}`)

/** Values of a tensor in binary, little-endian. @throws RequestError `serve/tensor` for another number of bytes. */
export function valuesOfBytes(
  name: string,
  datatype: Datatype,
  shape: readonly number[],
  bytes: Uint8Array,
): Values {
  const make = storages[datatype]
  const expected = sizeOf(shape) * make.BYTES_PER_ELEMENT
  if (bytes.length !== expected)
    throw wrong(name, `${datatype} of shape [${shape}] has ${expected} bytes, ${bytes.length} were sent`)
  const { buffer } = new Uint8Array(bytes) // a copy, which begins at a whole element
  return new make(buffer)
}

/**
 * A tensor as an input of a graph. Integers that were sent as another whole type are taken where they fit, floats as FP16,
 * FP32 or FP64.
 * @throws RequestError `serve/tensor` for another dtype or shape, `serve/not-finite` for NaN or an infinity.
 */
export function asInput(
  tensor: { readonly name: string; readonly datatype: Datatype; readonly shape: readonly number[] },
  values: Values,
  dtype: DType,
): HostArray {
  const { name, datatype, shape } = tensor
  if (values.length !== sizeOf(shape))
    throw wrong(name, `shape [${shape}] has ${sizeOf(shape)} elements, ${values.length} were sent`)
  const converted = datatype === datatypeOf(dtype) ? values : conversion(datatype, dtype)?.(values)
  if (converted === undefined) throw wrong(name, `it is ${datatype}, the model takes ${datatypeOf(dtype)}`)
  if (converted instanceof Float32Array && !converted.every(Number.isFinite))
    throw new RequestError('serve/not-finite', `tensor ${name} has a number that is NaN or infinite`, {
      name,
    })
  return { dtype, shape, data: converted as Storage[DType] }
}

/** Conversion between types that loses nothing that matters; undefined for others. */
function conversion(from: Datatype, to: DType): ((values: Values) => Values) | undefined {
  if (to === 'float32' && from === 'FP64') return (values) => Float32Array.from(values as Float64Array)
  if (to === 'float32' && from === 'FP16') return (values) => fromFloat16(values as Uint16Array)
  if (to === 'int64' && /^U?INT(8|16|32)$/.test(from))
    return (values) => BigInt64Array.from(values as Int32Array, BigInt)
  return undefined
}
