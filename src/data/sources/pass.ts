import { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import type { BadSampleReport, Source } from '../source.ts'
import { stoppedBy } from './bad-sample.ts'

/** Content of a place of a source: a sample, or the error for its absence. */
export type Found = Sample | DataError

/**
 * Make the pass that every source promises from the samples and errors at its places, in order.
 *
 * @throws the first DataError found when no `onBad` is given, as {@link stoppedBy} puts it.
 */
export async function* deliver(
  found: AsyncIterable<Found>,
  onBad: BadSampleReport | undefined,
): AsyncGenerator<Sample> {
  for await (const item of found) {
    if (!(item instanceof DataError)) yield item
    else if (onBad) onBad(item)
    else throw stoppedBy(item)
  }
}

/** Samples and errors at the places of any source, from a place on: the inverse of `deliver`. */
export async function* placesOf(source: Source, skip = 0): AsyncGenerator<Found> {
  const errors: DataError[] = []
  for await (const sample of source.samples({ skip, onBad: (error) => errors.push(error) })) {
    yield* errors.splice(0)
    yield sample
  }
  yield* errors
}

/** Result of `read` or the error about bad data that it throws. */
export function orDataError<T>(read: () => T): T | DataError {
  try {
    return read()
  } catch (error) {
    return asDataError(error)
  }
}

/** Filter for `catch`: an error about bad data is an answer; any other is thrown on. */
export function asDataError(error: unknown): DataError {
  if (error instanceof DataError) return error
  throw error
}
