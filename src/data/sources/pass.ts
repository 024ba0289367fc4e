import { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import type { BadSampleReport, Source } from '../source.ts'
import { stoppedBy } from './bad-sample.ts'

/** What stands at a place of a source: a sample, or why there is none. */
export type Found = Sample | DataError

/**
 * The pass that every source promises, made of what it finds at its places, in order.
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

/** The other way round: what stands at each place of any source, from a place on. */
export async function* placesOf(source: Source, skip = 0): AsyncGenerator<Found> {
  const errors: DataError[] = []
  for await (const sample of source.samples({ skip, onBad: (error) => errors.push(error) })) {
    yield* errors.splice(0)
    yield sample
  }
  yield* errors
}

/** What `read` returns or, about bad data, throws. */
export function orDataError<T>(read: () => T): T | DataError {
  try {
    return read()
  } catch (error) {
    return asDataError(error)
  }
}

/** For `catch`: an error about bad data is an answer; any other is thrown on. */
export function asDataError(error: unknown): DataError {
  if (error instanceof DataError) return error
  throw error
}
