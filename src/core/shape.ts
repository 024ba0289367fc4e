/** Sizes of the axes of an array, outermost first. `[]` is a scalar. */
export type Shape = readonly number[]

/** Number of elements. */
export const sizeOf = (shape: Shape): number => shape.reduce((product, size) => product * size, 1)

/** True when two shapes are the same. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((size, axis) => size === b[axis])

/** Row-major strides in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!
  return strides
}

/** NumPy broadcasting of two shapes; undefined when they do not broadcast. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const result: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const sizeA = a[a.length - rank + axis] ?? 1
    const sizeB = b[b.length - rank + axis] ?? 1
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) return undefined
    result.push(sizeA === 1 ? sizeB : sizeA)
  }
  return result
}

/** A negative axis counted from the end, made positive. Undefined when out of range. */
export function normalizeAxis(axis: number, rank: number): number | undefined {
  const positive = axis < 0 ? axis + rank : axis
  return Number.isInteger(axis) && positive >= 0 && positive < rank ? positive : undefined
}
