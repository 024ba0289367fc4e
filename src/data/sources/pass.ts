import { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'

type PassOptions = NonNullable<Parameters<Source['samples']>[0]>

/**
 * The pass that every source promises, made of what it finds: good samples and errors about bad ones, in order.
 *
 * `skip` counts good samples. Bad ones among those skipped are passed over in silence: the pass that is being
 * resumed has reported them.
 *
 * @throws the first DataError found when no `onBad` is given.
 */
export async function* deliver(
  found: AsyncIterable<Sample | DataError>,
  { skip = 0, onBad }: PassOptions = {},
): AsyncGenerator<Sample> {
  let good = 0
  for await (const item of found) {
    if (!(item instanceof DataError)) {
      if (++good > skip) yield item
    } else if (good >= skip) {
      if (!onBad) throw item
      onBad(item)
    }
  }
}

/** What `read` returns or, about bad data, throws. */
export function orDataError<T>(read: () => T): T | DataError {
  try {
    return read()
  } catch (error) {
    if (error instanceof DataError) return error
    throw error
  }
}
