import { closeSync, openSync, readSync } from 'node:fs'
import { type Shape, sizeOf } from '../src/core/index.ts'
import { ChildFailure } from './child.ts'

/** The largest relative error that counts as agreement. */
export const tolerance = 1e-4

/** The same for a contestant with products in bfloat16, which have 8 bits. */
export const halfTolerance = 0.05

/** @throws ChildFailure when two numbers differ by more than the tolerance. */
export function requireEqualLoss(what: string, actual: number, expected: number, allowed = tolerance): void {
  const error = Math.abs(actual - expected) / Math.abs(expected)
  if (error <= allowed) return
  throw new ChildFailure(`${what} is ${actual} where ours is ${expected}`)
}

/**
 * Compare two files of float32 arrays that follow each other without gaps.
 * @throws ChildFailure naming the array that differs the most, when it is by more than the tolerance.
 */
export function requireEqualGradients(
  actual: string,
  expected: string,
  shapes: Iterable<readonly [name: string, shape: Shape]>,
  allowed = tolerance,
): void {
  const compared = [...differences(actual, expected, shapes)]
  const largest = Math.max(...compared.map(({ scale }) => scale))
  // A key's bias shifts all scores of a row alike: its gradient is zero but for rounding. So that this is not
  // divided by itself, no gradient counts as smaller than a thousandth of the largest.
  const errors = compared.map(({ name, difference, scale }) => ({
    name,
    error: difference / Math.max(scale, largest / 1000),
  }))
  const worst = errors.reduce((a, b) => (b.error <= a.error ? a : b))
  if (worst.error <= allowed) return
  throw new ChildFailure(`the gradient of ${worst.name} differs from ours by ${worst.error} of its size`)
}

/** Array by array: how far they are apart at most, and the largest value expected. */
function* differences(
  actual: string,
  expected: string,
  shapes: Iterable<readonly [name: string, shape: Shape]>,
) {
  const files = [openSync(actual, 'r'), openSync(expected, 'r')] as const
  try {
    for (const [name, shape] of shapes) {
      const [values, references] = files.map((file) => readArray(file, sizeOf(shape))) as [
        Float32Array,
        Float32Array,
      ]
      let difference = 0
      let scale = 0
      for (let i = 0; i < references.length; i++) {
        const apart = Math.abs(values[i]! - references[i]!)
        // Not a number is as far as it gets.
        difference = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : Math.max(difference, apart)
        scale = Math.max(scale, Math.abs(references[i]!))
      }
      yield { name, difference, scale }
    }
  } finally {
    for (const file of files) closeSync(file)
  }
}

function readArray(file: number, length: number): Float32Array {
  const values = new Float32Array(length)
  const read = readSync(file, new Uint8Array(values.buffer))
  if (read !== values.byteLength) throw new ChildFailure('its file of gradients ends too early')
  return values
}
