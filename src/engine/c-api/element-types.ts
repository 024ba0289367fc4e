import { type DType, EngineError, type Storage } from '../../core/index.ts'

/** ONNX's number for each element type that graphs have here, and the array that holds it. */
const elementTypes = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int8: { code: 3, array: Int8Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  float16: { code: 10, array: Uint16Array },
} as const satisfies Record<DType, object>

export const codeOf = (dtype: DType): number => elementTypes[dtype].code

/** Name of the class of arrays that hold a dtype; undefined for what is no dtype. */
export const arrayNameOf = (dtype: string): string | undefined =>
  Object.hasOwn(elementTypes, dtype) ? elementTypes[dtype as DType].array.name : undefined

/** The first elements of a buffer as an array of a dtype. */
export const arrayOver = <D extends DType>(dtype: D, buffer: ArrayBuffer, length: number): Storage[D] =>
  new elementTypes[dtype].array(buffer, 0, length) as Storage[D]

/** @throws EngineError `engine/dtype` for a type that no host array has: text, complex numbers, float64. */
export function dtypeOf(code: number, name: string): DType {
  const dtypes = Object.keys(elementTypes) as DType[]
  const dtype = dtypes.find((dtype) => elementTypes[dtype].code === code)
  if (dtype) return dtype
  throw new EngineError(
    'engine/dtype',
    `'${name}' has ONNX's element type ${code}, which no array has here; there are ${dtypes.join(', ')}`,
    { name, code },
  )
}
