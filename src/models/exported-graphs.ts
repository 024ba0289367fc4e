import { positions, type SymbolicSize, scalar, type Tensor } from '../graph/index.ts'
import type { Vocabulary } from './family.ts'

/** A graph that becomes one ONNX file. */
export interface ExportedGraph {
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Sizes that stay free in the file. */
  readonly symbolicSizes: readonly SymbolicSize[]
}

/** Graphs by the name of their file, without `.onnx`. */
export type ExportedGraphs = Readonly<Record<string, ExportedGraph>>

/** The tokens that end a text and fill the rest of its row. */
export type EndTokens = Pick<Vocabulary, 'endId' | 'padId'>

/**
 * Texts [texts, length] that end with the end token or padding, even where they were cut. Transformers.js cuts long
 * texts to `longest` tokens and drops the end token; without this all of them would get the same feature.
 */
export function ended(ids: Tensor, longest: number, { endId, padId }: EndTokens): Tensor {
  if (endId === undefined) return ids
  const length = ids.shape[1]!
  const isLast = positions(length, longest)
    .reshape([1, length])
    .equal(longest - 1)
  return isLast.and(ids.equal(padId).not()).where(scalar(endId, 'int64'), ids)
}
