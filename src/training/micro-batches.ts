import { type Batch, type HostArray, hostArray, sizeOf } from '../core/index.ts'

/** The batch in pieces of at most `size` samples, as views; in one piece without a size. */
export function splitBatch(batch: Batch, size: number | undefined): Batch[] {
  const count = batch.ids.length
  if (size === undefined || count <= size) return [batch]
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const start = i * size
    const end = Math.min(start + size, count)
    const arrays = Object.entries(batch.arrays).map(
      ([name, array]) => [name, rows(array, start, end)] as const,
    )
    return { ids: batch.ids.slice(start, end), arrays: Object.fromEntries(arrays) }
  })
}

function rows({ dtype, shape, data }: HostArray, start: number, end: number): HostArray {
  const [, ...rest] = shape
  const width = sizeOf(rest)
  return hostArray(dtype, [end - start, ...rest], data.subarray(start * width, end * width))
}
