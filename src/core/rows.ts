import { ShapeError } from './errors.ts'
import { type DType, type HostArray, hostArray, type Storage, zeros } from './host-array.ts'
import { sameShape, sizeOf } from './shape.ts'

/** Rows `start` to `end` (exclusive) of an array, as a view of its data. */
export function sliceRows<D extends DType>(
  { dtype, shape, data }: HostArray<D>,
  start: number,
  end: number,
): HostArray<D> {
  const width = sizeOf(shape.slice(1))
  const view = data.subarray(start * width, end * width) as Storage[D]
  return hostArray(dtype, [end - start, ...shape.slice(1)], view)
}

/** A copy of the rows with these indices, in their order; an index may come several times. */
export const gatherRows = <D extends DType>(array: HostArray<D>, rows: readonly number[]): HostArray<D> =>
  copied(
    array,
    rows.map((row) => sliceRows(array, row, row + 1)),
  )

/**
 * A copy of all rows of several arrays, one after the other.
 * @throws ShapeError `shape/join-rows` for no arrays, and for arrays that differ in dtype or in the shape of a row.
 */
export function concatenateRows<D extends DType>(arrays: readonly HostArray<D>[]): HostArray<D> {
  const [first] = arrays
  if (first === undefined) throw new ShapeError('shape/join-rows', 'there are no arrays to concatenate')
  for (const array of arrays) {
    if (array.dtype === first.dtype && sameShape(array.shape.slice(1), first.shape.slice(1))) continue
    const [one, other] = [first, array].map(({ dtype, shape }) => `${dtype} [${shape}]`)
    const message = `rows of ${one} and of ${other} do not go into one array: only the first size may differ`
    throw new ShapeError('shape/join-rows', message, { shapes: arrays.map(({ shape }) => shape) })
  }
  return copied(first, arrays)
}

/** Copy byte by byte, whatever the dtype. Rows of all parts are like those of `form`. */
function copied<D extends DType>(
  { dtype, shape }: HostArray<D>,
  parts: readonly HostArray<D>[],
): HostArray<D> {
  const count = parts.reduce((sum, part) => sum + part.shape[0]!, 0)
  const result = zeros(dtype, [count, ...shape.slice(1)])
  const bytes = new Uint8Array(result.data.buffer)
  let place = 0
  for (const { data } of parts) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place)
    place += data.byteLength
  }
  return result
}

/** Flat values [count, width] as one view a row. */
export function splitRows<Values extends Storage[DType]>(values: Values, count: number): Values[] {
  const width = values.length / count
  return Array.from({ length: count }, (_, row) => values.subarray(row * width, (row + 1) * width) as Values)
}

/** Values one after the other in one array; rows need not be of one length. */
export function joinRows(rows: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const result = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0))
  let offset = 0
  for (const row of rows) {
    result.set(row, offset)
    offset += row.length
  }
  return result
}
