import type { Tensor } from '../tensor.ts'
import { axesOf, fixed, type Place, place, type Relation, same } from './relation.ts'

/**
 * Relations of a reshape: runs of axes that hold the same elements, one axis on one side. Where several axes become
 * several others they are fixed. Axes of size 1 come and go.
 */
export const reshaped = (x: Tensor, y: Tensor): Relation[] =>
  [...runs(placesOf(x), placesOf(y))].flatMap(([from, to]) => ofRun(from, to))

const placesOf = (tensor: Tensor): Place[] =>
  axesOf(tensor)
    .filter((axis) => tensor.shape[axis] !== 1)
    .map((axis) => place(tensor, axis))

const sizeOf = ({ tensor, axis }: Place): number => tensor.shape[axis]!

/** The shortest runs of axes on both sides with equal products. */
function* runs(from: readonly Place[], to: readonly Place[]): Generator<[Place[], Place[]]> {
  let [i, j] = [0, 0]
  while (i < from.length && j < to.length) {
    const [left, right] = [[from[i++]!], [to[j++]!]]
    let [a, b] = [sizeOf(left[0]!), sizeOf(right[0]!)]
    while (a !== b) {
      const isLeft = a < b
      const next = isLeft ? from[i++] : to[j++]
      if (!next) break
      ;(isLeft ? left : right).push(next)
      if (isLeft) a *= sizeOf(next)
      else b *= sizeOf(next)
    }
    yield [left, right]
  }
}

function ofRun(from: readonly Place[], to: readonly Place[]): Relation[] {
  const [one, other] = [from[0]!, to[0]!]
  if (from.length === 1 && to.length === 1)
    return sizeOf(one) === sizeOf(other) ? [same(one.tensor, one.axis, other.tensor, other.axis)] : []
  if (from.length === 1) return [{ kind: 'factors', whole: one, factors: to }]
  if (to.length === 1) return [{ kind: 'factors', whole: other, factors: from }]
  return [...from, ...to].map(({ tensor, axis }) => fixed(tensor, axis))
}
