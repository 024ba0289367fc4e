import { float32, hostArray } from '../../core/index.ts'
import { is, type Rule, type Tensor } from '../../graph/index.ts'
import { rowCodes } from './codes.ts'
import type { StoredLeaves } from './stored-leaves.ts'

/**
 * The rule that keeps tables, such as those of embeddings, in int8: rows are gathered as codes, and each gets the scale of its
 * row. A table that products read, too, is in float there or has codes of its own.
 */
export const tableRule =
  (leaves: StoredLeaves): Rule =>
  (node) => {
    if (!is(node, 'gather') || node.attributes.axis !== 0) return undefined
    const [table, indices] = node.inputs as readonly [Tensor, Tensor]
    const value = leaves.floats(table)
    if (!value || table.rank !== 2) return undefined
    const [rows, width] = table.shape as readonly [number, number]
    const coded = () => rowCodes(value.data, width)
    const codes = leaves.variant(table, '_int8', () => hostArray('int8', [rows, width], coded().codes))
    const scales = leaves.variant(table, '_scale', () => float32([rows], coded().scales))
    return codes
      .gather(indices)
      .cast('float32')
      .mul(scales.gather(indices).reshape([...indices.shape, 1]))
  }
