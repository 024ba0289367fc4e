import { type DType, EngineError, type Shape } from '../../core/index.ts'
import { dtypeOf } from './element-types.ts'
import { numberFrom, ort, pointerFrom } from './functions.ts'

/** Type of an input or an output of a graph, or of a value. */
export interface TensorType {
  readonly dtype: DType
  /** −1 where a size is free. */
  readonly shape: Shape
}

/** The type in a `TypeInfo`, which is released. */
export function typeFrom(typeInfo: bigint, name: string): TensorType {
  try {
    const tensor = pointerFrom((out) => ort().CastTypeInfoToTensorInfo(typeInfo, out))
    if (tensor) return typeIn(tensor, name)
  } finally {
    ort().ReleaseTypeInfo(typeInfo)
  }
  throw new EngineError('engine/dtype', `'${name}' is no tensor but a sequence or a map of them`, { name })
}

/** The type of a value. */
export function typeOf(value: bigint, name: string): TensorType {
  const info = pointerFrom((out) => ort().GetTensorTypeAndShape(value, out))
  try {
    return typeIn(info, name)
  } finally {
    ort().ReleaseTensorTypeAndShapeInfo(info)
  }
}

function typeIn(info: bigint, name: string): TensorType {
  const dtype = dtypeOf(
    numberFrom((out) => ort().GetTensorElementType(info, out)),
    name,
  )
  const shape = new BigInt64Array(numberFrom((out) => ort().GetDimensionsCount(info, out)))
  if (shape.length > 0) ort().GetDimensions(info, shape, shape.length)
  return { dtype, shape: Array.from(shape, Number) }
}
