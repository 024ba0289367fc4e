import { float32, type HostArray, type Shape, sizeOf } from '../../core/index.ts'
import type { Weights } from '../../deploy/index.ts'
import type { Kept } from '../../graph/index.ts'
import type { Unit } from './prunable-units.ts'

/** Positions that are left of the axes of parameters, by name. */
export type KeptOf = ReadonlyMap<string, Kept>

/** Positions that are left of the parameters without some units. @param shapeOf Shape of a parameter with all of them. */
export function withoutUnits(removed: readonly Unit[], shapeOf: (parameter: string) => Shape): KeptOf {
  const gone = new Map<string, Map<number, Set<number>>>()
  for (const { parameter, axis, positions } of removed.flat()) {
    const axes = gone.get(parameter) ?? new Map<number, Set<number>>()
    gone.set(parameter, axes)
    const places = axes.get(axis) ?? new Set()
    axes.set(axis, places)
    for (const position of positions) places.add(position)
  }
  const leftOf = (parameter: string, axis: number, places: ReadonlySet<number>) =>
    Array.from({ length: shapeOf(parameter)[axis]! }, (_, i) => i).filter((i) => !places.has(i))
  return new Map(
    [...gone].map(([parameter, axes]) => [
      parameter,
      new Map([...axes].map(([axis, places]) => [axis, leftOf(parameter, axis, places)])),
    ]),
  )
}

/** The weights at the positions that are left. */
export const keptWeights = (weights: Weights, kept: KeptOf): Weights =>
  new Map([...weights].map(([name, array]) => [name, keptValues(array, kept.get(name) ?? new Map())]))

function keptValues(array: HostArray<'float32'>, kept: Kept): HostArray<'float32'> {
  let { shape, data } = array
  for (const [axis, places] of kept) {
    const inner = sizeOf(shape.slice(axis + 1))
    const [before, after] = [shape[axis]! * inner, places.length * inner]
    const outer = sizeOf(shape.slice(0, axis))
    const values = new Float32Array(outer * after)
    for (let row = 0; row < outer; row++)
      places.forEach((place, i) => {
        const from = row * before + place * inner
        values.set(data.subarray(from, from + inner), row * after + i * inner)
      })
    shape = shape.map((size, i) => (i === axis ? places.length : size))
    data = values
  }
  return float32(shape, data)
}
