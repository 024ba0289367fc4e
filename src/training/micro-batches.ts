import { type Batch, sliceRows } from '../core/index.ts'

/** The batch in pieces of at most `size` samples, as views; one piece without a size. */
export function splitBatch(batch: Batch, size: number | undefined): Batch[] {
  const count = batch.ids.length
  if (size === undefined || count <= size) return [batch]
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const start = i * size
    const end = Math.min(start + size, count)
    const arrays = Object.entries(batch.arrays).map(
      ([name, array]) => [name, sliceRows(array, start, end)] as const,
    )
    return { ids: batch.ids.slice(start, end), arrays: Object.fromEntries(arrays) }
  })
}
