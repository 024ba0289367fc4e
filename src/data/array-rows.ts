import { ConfigError, type HostArray, sameShape, sizeOf, zeros } from '../core/index.ts'
import type { ArrayKind, Sample } from './sample.ts'
import { badSample, samplePlace } from './sources/bad-sample.ts'

/** The arrays that the samples of a data set bring, by name. */
export type ArrayKinds = Readonly<Record<string, ArrayKind>>

/**
 * Refuse descriptions that no array can have, or no mixing.
 * @throws ConfigError `data/array-kind` for a shape that is not of whole numbers, and for the interpolation of anything
 * but float32.
 */
export function checkArrayKinds(kinds: ArrayKinds): void {
  for (const [array, { dtype, shape, mixing }] of Object.entries(kinds)) {
    const wrong = (problem: string) =>
      new ConfigError('data/array-kind', `array "${array}" of the source ${problem}`, { array })
    if (!shape.every((size) => Number.isInteger(size) && size >= 0))
      throw wrong(`has the shape [${shape}], but sizes are whole numbers from 0 on`)
    if (mixing === 'interpolate' && dtype !== 'float32')
      throw wrong(`is of ${dtype}, but only float32 can be interpolated; declare mixing 'keep'`)
  }
}

/**
 * Refuse to mix arrays that declare no `mixing`.
 * @throws ConfigError `data/mixing` naming the array.
 */
export function requireMixing(kinds: ArrayKinds): void {
  const array = Object.keys(kinds).find((name) => kinds[name]?.mixing === undefined)
  if (array === undefined) return
  const message =
    `batches are mixed, but array "${array}" of the source does not say how: declare its mixing as 'interpolate' or ` +
    "'keep', or leave mix out"
  throw new ConfigError('data/mixing', message, { array })
}

/**
 * First problem of the arrays of a sample: a missing array, an array that its source does not declare, another dtype or
 * shape.
 * @returns A DataError `data/bad-array` naming the sample and the array; undefined when there is none.
 */
export function arrayProblem(sample: Pick<Sample, 'id' | 'origin' | 'arrays'>, kinds: ArrayKinds) {
  const { id, origin, arrays = {} } = sample
  for (const name of new Set([...Object.keys(kinds), ...Object.keys(arrays)])) {
    const problem = problemOf(ownOf(arrays, name), ownOf(kinds, name))
    if (problem === undefined) continue
    const facts = { sample: id, ...origin, array: name }
    return badSample('data/bad-array', samplePlace(sample), `its array "${name}" ${problem}`, facts)
  }
  return undefined
}

const ownOf = <Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

function problemOf(array: HostArray | undefined, kind: ArrayKind | undefined): string | undefined {
  if (kind === undefined) return 'is not among the arrays that its source declares'
  const declared = `its source declares ${kind.dtype} [${kind.shape}]`
  if (array === undefined) return `is missing: ${declared}`
  if (array.dtype !== kind.dtype || !sameShape(array.shape, kind.shape))
    return `is ${array.dtype} [${array.shape}], but ${declared}`
  if (array.data.length !== sizeOf(kind.shape))
    return `has ${array.data.length} elements, but [${kind.shape}] holds ${sizeOf(kind.shape)}`
  return undefined
}

/** Arrays [count, ...shape] of zeros. */
export const emptyArrayRows = (kinds: ArrayKinds, count: number): Record<string, HostArray> =>
  Object.fromEntries(
    Object.entries(kinds).map(([name, { dtype, shape }]) => [name, zeros(dtype, [count, ...shape])]),
  )

/** Write the arrays of one sample into its row. */
export function writeArrays(
  rows: Readonly<Record<string, HostArray>>,
  row: number,
  arrays: NonNullable<Sample['arrays']>,
): void {
  for (const [name, { data }] of Object.entries(rows)) {
    const values = arrays[name]!.data
    data.set(values as never, row * values.length)
  }
}

/** Arrays of a sample for a thread. A view takes the whole buffer behind it along, so it is copied. */
export const sendable = (arrays: NonNullable<Sample['arrays']>): NonNullable<Sample['arrays']> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      const { buffer, byteLength } = array.data
      const isWhole = buffer.byteLength === byteLength || buffer instanceof SharedArrayBuffer
      return [name, isWhole ? array : { ...array, data: array.data.slice() }]
    }),
  )
