import type { OpName } from '../op-table.ts'
import type { Node, Tensor } from '../tensor.ts'

/** Ops that only move values. */
const moves = new Set<OpName>(['reshape', 'transpose', 'slice', 'split', 'concat', 'cast', 'detach'])

/** The given weights and what is the same values in another layout. */
export function weightsInAnyLayout(
  weights: Iterable<Tensor>,
  nodes: readonly Node[],
): { has(tensor: Tensor): boolean } {
  const found = new Set(weights)
  for (const { op, inputs, outputs } of nodes)
    if (moves.has(op) && inputs.every((input) => found.has(input))) for (const y of outputs) found.add(y)
  return found
}
