import { EngineError, type HostArray, type Shape, sizeOf } from '../core/index.ts'
import { arrayNameOf } from './c-api/element-types.ts'
import type { TensorType } from './c-api/tensor-type.ts'
import { DeviceTensor } from './device-tensor.ts'

/** A value that a program can be fed. */
export type Feed = HostArray | DeviceTensor

/** An array that fits what it is for: as it was when it was looked at, since its owner may change it. */
export interface CheckedFeed {
  readonly shape: Shape
  /** Undefined when it is on the device. */
  readonly data: NodeJS.TypedArray | undefined
}

/**
 * See to it that the library gets what the graph says.
 * @param role E.g. `input 'x'`, for the message.
 * @throws EngineError `engine/feed` with what was expected and what was given.
 */
export function checkFeed(role: string, expected: TensorType, feed: unknown): CheckedFeed {
  const { dtype, shape, data } = partsOf(role, feed)
  const refuse = (what: string): never => {
    throw new EngineError('engine/feed', `${role} ${what}`, { role, expected })
  }
  if (dtype !== expected.dtype) return refuse(`is ${expected.dtype}, but was given ${String(dtype)}`)
  if (!isShape(shape) || !fits(shape, expected.shape)) {
    const sizes = expected.shape.map((size) => (size < 0 ? 'any' : size))
    return refuse(
      `has shape [${sizes.join(', ')}], but was given [${Array.isArray(shape) ? shape.join(', ') : typeof shape}]`,
    )
  }
  if (data === undefined) return { shape, data }
  if (!ArrayBuffer.isView(data) || nameOf(data) !== arrayNameOf(expected.dtype)) {
    return refuse(
      `needs a ${arrayNameOf(expected.dtype)}, but was given ${ArrayBuffer.isView(data) ? nameOf(data) : typeof data}`,
    )
  }
  const array = data as NodeJS.TypedArray
  if (array.length === sizeOf(shape)) return { shape, data: array }
  return refuse(
    array.buffer.byteLength === 0
      ? 'was given an array whose buffer was transferred to someone else'
      : `of shape [${shape}] needs ${sizeOf(shape)} elements, but was given ${array.length}`,
  )
}

/** The parts of a feed that may be anything. */
function partsOf(role: string, feed: unknown): { dtype: unknown; shape: unknown; data: unknown } {
  if (feed instanceof DeviceTensor) {
    return { dtype: feed.type, shape: feed.dims, data: feed.location === 'cpu' ? feed.data : undefined }
  }
  if (typeof feed === 'object' && feed !== null) {
    const { dtype, shape, data = null } = feed as Partial<HostArray>
    return { dtype, shape, data }
  }
  throw new EngineError(
    'engine/feed',
    `${role} was given ${feed === null ? 'null' : typeof feed}, no array`,
    { role },
  )
}

const isShape = (shape: unknown): shape is Shape =>
  Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0)

const fits = (shape: Shape, expected: Shape): boolean =>
  shape.length === expected.length && expected.every((size, axis) => size < 0 || size === shape[axis])

/** The class of a typed array, whatever its prototype says. */
const typedArray = Object.getPrototypeOf(Uint8Array.prototype)
const { get: className } = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)!
const nameOf = (view: ArrayBufferView): string => String(className?.call(view))
