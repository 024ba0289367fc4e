import { float32, hostArray } from '../../core/index.ts'
import { is, type Node, type Rule, type Tensor, topologicalOrder } from '../../graph/index.ts'
import type { WeightedGraph } from '../method.ts'
import { type ColumnCodes, rowCodes } from './codes.ts'
import { layerOf } from './products.ts'
import { nameOf, type StoredLeaves } from './stored-leaves.ts'

/** Tables whose rows a graph gathers, by the names of their layers. */
export const tablesIn = ({ outputs, weights }: WeightedGraph): string[] => {
  const tables = topologicalOrder(Object.values(outputs)).flatMap((node) => tableOf(node) ?? [])
  return [...new Set(tables.filter((table) => weights.has(table)).map((table) => layerOf(nameOf(table))))]
}

/** The table of a node that gathers its rows. */
function tableOf(node: Node): Tensor | undefined {
  const [table] = node.inputs as readonly [Tensor]
  const isTable = is(node, 'gather') && node.attributes.axis === 0 && table.rank === 2
  return isTable && table.node.op === 'input' ? table : undefined
}

/**
 * The rule that keeps tables, such as those of embeddings, in int8: rows are gathered as codes, and each gets the scale of its
 * row. A table that products read, too, is in float there or has codes of its own.
 * @param kept Layers whose tables stay in float.
 */
export const tableRule =
  (leaves: StoredLeaves, kept: ReadonlySet<string>): Rule =>
  (node) => {
    const table = tableOf(node)
    const value = table && leaves.floats(table)
    if (!table || !value || kept.has(layerOf(nameOf(table)))) return undefined
    const indices = node.inputs[1]!
    const [rows, width] = table.shape as readonly [number, number]
    let made: ColumnCodes | undefined
    const coded = () => {
      made ??= rowCodes(value.data, width)
      return made
    }
    const codes = leaves.variant(table, '_rows_int8', () => hostArray('int8', [rows, width], coded().codes))
    const scales = leaves.variant(table, '_rows_scale', () => float32([rows], coded().scales))
    const places = scales.gather(indices).reshape([...indices.shape, 1])
    return codes.gather(indices).cast('float32').mul(places)
  }
