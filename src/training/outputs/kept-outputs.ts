import { type Batch, concatenateRows, gatherRows, type HostArray, splitRows } from '../../core/index.ts'
import type { OutputsOf } from './with-outputs.ts'

type Arrays = Readonly<Record<string, HostArray>>

/**
 * Outputs that are computed when a sample is first met and kept by its key, for a model that stays the same.
 * @param compute Outputs of the samples of a batch that are not known.
 * @param mostBytes Bound of the memory: beyond it samples are not kept, and computed each time.
 * @param keysOf Keys of a batch's samples, which tell what they are computed from. Default: their ids, for arrays that
 * every pass gives the same.
 */
export function keptOutputs(
  compute: OutputsOf,
  mostBytes: number,
  keysOf: (batch: Batch) => readonly string[] = ({ ids }) => ids,
): OutputsOf {
  const kept = new Map<string, Arrays>()
  let bytes = 0
  return async (batch: Batch) => {
    const [keys, { arrays }] = [keysOf(batch), batch]
    const found = new Map<string, Arrays>()
    for (const key of keys) {
      const row = kept.get(key)
      if (row) found.set(key, row)
    }
    const missing = [...keys.keys()].filter(
      (row) => !found.has(keys[row]!) && keys.indexOf(keys[row]!) === row,
    )
    if (missing.length > 0) {
      const ids = missing.map((row) => batch.ids[row]!)
      const outputs = await compute({ ids, arrays: rowsOf(arrays, missing) })
      for (const [place, key] of missing.map((row) => keys[row]!).entries()) {
        const row = rowsOf(outputs, [place])
        found.set(key, row)
        const size = Object.values(row).reduce((sum, { data }) => sum + data.byteLength, 0)
        if (bytes + size > mostBytes) continue
        kept.set(key, row)
        bytes += size
      }
    }
    const rows = keys.map((key) => found.get(key)!)
    const names = Object.keys(rows[0] ?? {})
    return Object.fromEntries(names.map((name) => [name, concatenateRows(rows.map((row) => row[name]!))]))
  }
}

const rowsOf = (arrays: Arrays, rows: readonly number[]): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, gatherRows(array, rows)]))

/** Keys of the texts of a batch by an array of token ids, for {@link keptOutputs}: equal texts have equal keys. */
export const keysOfTexts =
  (array: string) =>
  ({ ids, arrays }: Batch): readonly string[] =>
    splitRows(arrays[array]!.data as BigInt64Array, ids.length).map((row) => row.join())
