import { type HostArray, sizeOf } from '../../core/index.ts'
import type { Unit } from './prunable-units.ts'

type Arrays = ReadonlyMap<string, HostArray<'float32'>>

/** L2 norm of all weights of a unit: √Σw² (Li et al. 2017, there L1). */
export const magnitudeOf = (unit: Unit, weights: Arrays): number =>
  Math.sqrt(sumOver(unit, weights, (name, i) => weights.get(name)!.data[i]! ** 2))

/**
 * First-order estimate of how much the loss changes with a unit: Σ|w·g| over its weights, with gradients g of the loss
 * (Molchanov et al. 2017).
 */
export const taylorOf = (unit: Unit, weights: Arrays, gradients: Arrays): number =>
  sumOver(unit, weights, (name, i) =>
    Math.abs(weights.get(name)!.data[i]! * (gradients.get(name)?.data[i] ?? 0)),
  )

function sumOver(unit: Unit, weights: Arrays, value: (name: string, index: number) => number): number {
  let sum = 0
  for (const { parameter, axis, positions } of unit) {
    const { shape } = weights.get(parameter)!
    const inner = sizeOf(shape.slice(axis + 1))
    const stride = inner * shape[axis]!
    const end = sizeOf(shape)
    for (let outer = 0; outer < end; outer += stride)
      for (const position of positions) {
        const first = outer + position * inner
        for (let i = first; i < first + inner; i++) sum += value(parameter, i)
      }
  }
  return sum
}
