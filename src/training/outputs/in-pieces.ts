import { concatenateRows, type HostArray } from '../../core/index.ts'
import { splitBatch } from '../micro-batches.ts'
import type { OutputsOf } from './with-outputs.ts'

/**
 * Outputs of another model for at most `size` samples at once, so that a batch takes no more memory there than a piece of it.
 * The model must treat each sample by itself.
 */
export const inPieces =
  (outputsOf: OutputsOf, size: number): OutputsOf =>
  async (batch) => {
    const pieces: Readonly<Record<string, HostArray>>[] = []
    for (const piece of splitBatch(batch, size)) pieces.push(await outputsOf(piece))
    const [first] = pieces
    if (pieces.length === 1) return first!
    const names = Object.keys(first!)
    return Object.fromEntries(
      names.map((name) => [name, concatenateRows(pieces.map((piece) => piece[name]!))]),
    )
  }
