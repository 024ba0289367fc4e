import type { Shape } from '../core/index.ts'
import type { Tensor } from '../graph/index.ts'

/** A matrix's place in the flat vector of its group. */
export interface PlacedMatrix {
  readonly shape: Shape
  readonly offset: number
  readonly size: number
}

type State = Readonly<Record<string, Tensor>>

/**
 * Apply an update of matrices to flat vectors: matrices of one shape are stacked [count, rows, columns], updated
 * together, and put back in place.
 *
 * @param vectors The state of one group, each [length], all laid out as `matrices` says.
 * @param update From stacks to stacks, by the same names.
 */
export function updateStacked(
  matrices: readonly PlacedMatrix[],
  vectors: State,
  update: (stacks: State) => State,
): Record<string, Tensor> {
  const updated = new Map<PlacedMatrix, State>()
  for (const alike of byShape(matrices)) {
    const stack = (vector: Tensor) => {
      const parts = alike.map(({ shape, offset, size }) =>
        vector.slice(0, offset, offset + size).reshape([1, ...shape]),
      )
      return parts[0]!.concat(parts.slice(1), 0)
    }
    const results = update(
      Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [name, stack(vector)])),
    )
    alike.forEach((matrix, i) => {
      const parts = Object.entries(results).map(([name, stacked]) => [
        name,
        stacked.slice(0, i, i + 1).reshape([matrix.size]),
      ])
      updated.set(matrix, Object.fromEntries(parts))
    })
  }
  const pieces = matrices.map((matrix) => updated.get(matrix)!)
  const names = Object.keys(pieces[0]!)
  return Object.fromEntries(
    names.map((name) => [
      name,
      pieces[0]![name]!.concat(
        pieces.slice(1).map((piece) => piece[name]!),
        0,
      ),
    ]),
  )
}

function byShape(matrices: readonly PlacedMatrix[]): PlacedMatrix[][] {
  const groups = new Map<string, PlacedMatrix[]>()
  for (const matrix of matrices) {
    const key = String(matrix.shape)
    const group = groups.get(key)
    if (group) group.push(matrix)
    else groups.set(key, [matrix])
  }
  return [...groups.values()]
}
