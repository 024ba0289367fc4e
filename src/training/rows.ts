import { type HostArray, hostArray, sizeOf } from '../core/index.ts'

/** Rows of several arrays, concatenated; the arrays differ only in their number of rows. */
export function concatenateRows(parts: readonly HostArray[]): HostArray {
  const { dtype, shape, data } = parts[0]!
  const rows = parts.reduce((sum, part) => sum + part.shape[0]!, 0)
  const whole = [rows, ...shape.slice(1)]
  const Type = data.constructor as new (length: number) => typeof data
  const result = new Type(sizeOf(whole))
  let offset = 0
  for (const part of parts) {
    result.set(part.data as never, offset)
    offset += part.data.length
  }
  return hostArray(dtype, whole, result)
}

/** Rows [start, end) of an array, as a view. */
export function sliceRows({ dtype, shape, data }: HostArray, start: number, end: number): HostArray {
  const [, ...rest] = shape
  const width = sizeOf(rest)
  return hostArray(dtype, [end - start, ...rest], data.subarray(start * width, end * width))
}
