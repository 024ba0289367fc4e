import { type Batch, concatenateRows, gatherRows, type HostArray } from '../../core/index.ts'
import type { OutputsOf } from './with-outputs.ts'

type Arrays = Readonly<Record<string, HostArray>>

/**
 * Outputs that are computed when a sample is first met and kept by its id, for a model and arrays that stay the same.
 * @param compute Outputs of the samples of a batch that are not known.
 * @param mostBytes Bound of the memory: beyond it samples are not kept, and computed each time.
 */
export function keptOutputs(compute: OutputsOf, mostBytes: number): OutputsOf {
  const kept = new Map<string, Arrays>()
  let bytes = 0
  return async ({ ids, arrays }: Batch) => {
    const found = new Map<string, Arrays>()
    for (const id of ids) {
      const row = kept.get(id)
      if (row) found.set(id, row)
    }
    const missing = [...ids.keys()].filter((row) => !found.has(ids[row]!) && ids.indexOf(ids[row]!) === row)
    if (missing.length > 0) {
      const own = { ids: missing.map((row) => ids[row]!), arrays: rowsOf(arrays, missing) }
      const outputs = await compute(own)
      for (const [place, id] of own.ids.entries()) {
        const row = rowsOf(outputs, [place])
        found.set(id, row)
        const size = Object.values(row).reduce((sum, { data }) => sum + data.byteLength, 0)
        if (bytes + size > mostBytes) continue
        kept.set(id, row)
        bytes += size
      }
    }
    const rows = ids.map((id) => found.get(id)!)
    const names = Object.keys(rows[0] ?? {})
    return Object.fromEntries(names.map((name) => [name, concatenateRows(rows.map((row) => row[name]!))]))
  }
}

const rowsOf = (arrays: Arrays, rows: readonly number[]): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, gatherRows(array, rows)]))
