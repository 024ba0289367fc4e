import { int64 } from '../../core/index.ts'
import { constantValue, producer } from '../rewrites/rule.ts'
import { constant, type Tensor } from '../tensor.ts'

/** Positions that are left of axes: by axis their places among the original ones, in ascending order. */
export type Kept = ReadonlyMap<number, readonly number[]>

/** A tensor that has its original sizes again, and zeros where positions were removed. */
export interface Restored {
  readonly source: Tensor
  readonly kept: Kept
}

/**
 * A tensor at its original size: the positions that are left at their places, zeros at all others. A graph over restored
 * weights computes what one over the smaller weights does; `shrink` makes it of it.
 * @param size Original size of the axis, larger than the largest of `kept`.
 */
export function restore(x: Tensor, axis: number, kept: readonly number[], size: number): Tensor {
  // Every removed position reads the row of zeros that is padded to the end.
  const places = new Array<number>(size).fill(kept.length)
  kept.forEach((place, i) => {
    places[place] = i
  })
  const none = x.shape.map(() => 0)
  const one = x.shape.map((_, i) => (i === axis ? 1 : 0))
  return x.pad(none, one).gather(constant(int64([size], places)), axis)
}

/** Source of a restored tensor, along all of its axes; undefined for any other tensor. */
export function restoredFrom(tensor: Tensor): Restored | undefined {
  const kept = new Map<number, readonly number[]>()
  let source = tensor
  for (let found = lastRestored(source); found && !kept.has(found.axis); found = lastRestored(source)) {
    kept.set(found.axis, found.places)
    source = found.source
  }
  return kept.size > 0 ? { source, kept } : undefined
}

function lastRestored(tensor: Tensor) {
  const gather = producer(tensor, 'gather')
  const pad = gather && producer(gather.inputs[0], 'pad')
  const indices = gather && constantValue(gather.inputs[1])
  if (!pad || indices?.shape.length !== 1) return undefined
  const { axis } = gather.attributes
  const { before, after, value } = pad.attributes
  const source = pad.inputs[0]
  const isOne =
    value === 0 && before.every((n) => n === 0) && after.every((n, i) => n === (i === axis ? 1 : 0))
  const left = [...(indices.data as BigInt64Array)].map(Number)
  const count = source.shape[axis]!
  const places = left.flatMap((row, place) => (row === count ? [] : [place]))
  const isInOrder = places.length === count && places.every((place, i) => left[place] === i)
  return isOne && isInOrder ? { source, axis, places } : undefined
}
