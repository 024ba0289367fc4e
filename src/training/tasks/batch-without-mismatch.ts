import { type Batch, type HostArray, splitRows } from '../../core/index.ts'
import { PairTally } from '../../data/index.ts'

/**
 * Reason why a contrastive loss learns nothing from a batch: all its pairs match each other.
 * @returns undefined for a batch in which some image and some text do not match.
 */
export function batchWithoutMismatch({ ids, arrays }: Batch): string | undefined {
  const { concepts, texts, inputIds } = arrays as Readonly<Record<string, HostArray | undefined>>
  if (!concepts || !(texts ?? inputIds)) return undefined
  const rows = texts
    ? Array.from(texts.data, String)
    : splitRows(inputIds!.data as BigInt64Array, ids.length).map((row) => row.join())
  const tally = new PairTally()
  for (const [row, text] of rows.entries()) {
    tally.add(String(concepts.data[row]), text)
    if (!tally.allMatch) return undefined
  }
  if (ids.length === 1)
    return 'the batch is of one sample, which a contrastive loss cannot tell apart from any other: make batches larger'
  const same = tally.count.texts === 1 ? 'the same text' : 'one concept'
  return `all ${ids.length} samples of the batch have ${same}, so that a contrastive loss has nothing to tell apart`
}
