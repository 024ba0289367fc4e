import { type Batch, concatenateRows, DataError, sliceRows } from '../core/index.ts'
import type { Draw } from './order.ts'
import type { PreparedRows } from './prepare.ts'
import { conceptOf, type PlannedBatch } from './sampler.ts'
import type { PreparedTexts } from './text-rows.ts'

/** A planned batch after preparation. */
export interface PreparedBatch {
  /** Planned draws, bad samples included. */
  readonly draws: readonly Draw[]
  readonly after: PlannedBatch['after']
  readonly selected?: unknown
  /** Good rows that were not handed out yet. */
  rows: readonly Row[]
}

/** A good sample and the row of the prepared arrays that holds it. */
export interface Row {
  readonly draw: Draw
  readonly index: number
  readonly arrays: PreparedRows['arrays']
  readonly texts: PreparedTexts
  /** Rank of the member that prepared the row; the others know of it without its arrays. */
  readonly owner: number
}

/** Function that gives a prepared batch to come: 0 is the next one, undefined is beyond the end. */
export type PeekBatch = (index: number) => Promise<PreparedBatch | undefined>

/**
 * Take the rows of the next batch from the next prepared batch. The next samples of the stream that fit take the place
 * of bad samples. The result depends on the order of samples only, not on the time of their preparation.
 * @throws DataError `data/no-usable-sample` when two passes gave nothing.
 */
export async function takeRows(
  peek: PeekBatch,
  options: { readonly batchSize: number; readonly uniqueConcepts: boolean },
): Promise<Row[]> {
  const taken: Row[] = []
  const concepts = new Set<string>()
  let usefulEpoch: number | undefined
  for (let ahead = 0; taken.length < options.batchSize; ahead++) {
    const prepared = await peek(ahead)
    if (prepared === undefined) break
    const before = taken.length
    prepared.rows = prepared.rows.filter((row) => {
      const concept = conceptOf(row.draw.sample)
      const full = taken.length === options.batchSize
      if (full || (options.uniqueConcepts && concepts.has(concept))) return true
      concepts.add(concept)
      taken.push(row)
      return false
    })
    const epoch = prepared.after.epoch
    if (taken.length > before || usefulEpoch === undefined) usefulEpoch = epoch
    else if (epoch >= usefulEpoch + 2) throw nothingUsable(prepared)
  }
  return taken
}

function nothingUsable({ draws }: PreparedBatch): DataError {
  const sample = draws[0]?.sample.id
  return new DataError(
    'data/no-usable-sample',
    `two passes over the data gave no sample that can be used (the last bad one is ${sample}); ` +
      'see the messages of the bad samples',
    { sample },
  )
}

/** Rows as one batch; arrays that hold exactly these rows are handed on as they are. */
export function collate(rows: readonly Row[]): Batch {
  const [first] = rows
  const whole =
    first?.arrays.pixelValues?.shape[0] === rows.length &&
    rows.every(({ arrays, index }, position) => arrays === first.arrays && index === position)
  const arrays = Object.entries(first?.arrays ?? {}).map(([name, array]) => [
    name,
    whole
      ? array
      : concatenateRows(rows.map((row) => sliceRows(row.arrays[name]!, row.index, row.index + 1))),
  ])
  const furtherTexts = rows.map(({ texts }) => texts.others)
  return {
    ids: rows.map(({ draw }) => draw.sample.id),
    arrays: Object.fromEntries(arrays),
    ...(furtherTexts.some((texts) => texts.length > 0) && { furtherTexts }),
  }
}
