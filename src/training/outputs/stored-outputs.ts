import { z } from 'zod'
import {
  CheckpointError,
  DataError,
  type HostArray,
  hostArray,
  readSafetensors,
  sizeOf,
  writeSafetensors,
} from '../../core/index.ts'
import type { OutputsOf } from './with-outputs.ts'

/** Outputs for a whole data set: one row of every array for each id. */
export interface OutputRows {
  readonly ids: readonly string[]
  readonly arrays: Readonly<Record<string, HostArray>>
}

/**
 * The outputs of a batch's samples, looked up by their ids.
 * @throws DataError `training/output-rows` for a number of rows other than that of the ids; while batches come,
 * `training/output-id` for a sample that has none.
 */
export function storedOutputs({ ids, arrays }: OutputRows): OutputsOf {
  for (const [name, { shape }] of Object.entries(arrays)) {
    if (shape[0] === ids.length) continue
    const message = `the stored output '${name}' has shape [${shape}] for ${ids.length} ids; store a row for each id`
    throw new DataError('training/output-rows', message, { name, shape, ids: ids.length })
  }
  const places = new Map(ids.map((id, row) => [id, row]))
  return async (batch) => {
    const rows = batch.ids.map((id) => {
      const row = places.get(id)
      if (row !== undefined) return row
      const message = `there is no stored output of sample '${id}'; compute the outputs of the whole data set again`
      throw new DataError('training/output-id', message, { id, stored: ids.length })
    })
    return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, takeRows(array, rows)]))
  }
}

const idsKey = 'ids'

/** Write outputs to a safetensors file, their ids as JSON in its metadata. */
export const writeOutputs = (file: string, { ids, arrays }: OutputRows): void =>
  writeSafetensors(file, Object.entries(arrays), { [idsKey]: JSON.stringify(ids) })

/**
 * Read outputs from a file of {@link writeOutputs}.
 * @throws CheckpointError `training/outputs` for a file without ids, and the errors of `readSafetensors`.
 */
export function readOutputs(file: string): OutputRows {
  const { tensors, metadata } = readSafetensors(file)
  const ids = z.array(z.string()).safeParse(jsonOf(metadata[idsKey]))
  if (ids.success) return { ids: ids.data, arrays: Object.fromEntries(tensors) }
  const message = `${file} does not say whose outputs it holds: its metadata needs 'ids', a JSON array of the samples' ids`
  throw new CheckpointError('training/outputs', message, { file })
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text && JSON.parse(text)
  } catch {
    return undefined
  }
}

function takeRows({ dtype, shape, data }: HostArray, rows: readonly number[]): HostArray {
  const [, ...rest] = shape
  const width = sizeOf(rest)
  const Type = data.constructor as new (length: number) => typeof data
  const result = new Type(rows.length * width)
  for (const [to, row] of rows.entries())
    result.set(data.subarray(row * width, (row + 1) * width) as never, to * width)
  return hostArray(dtype, [rows.length, ...rest], result)
}
