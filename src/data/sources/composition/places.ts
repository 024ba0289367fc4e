import type { Source } from '../../source.ts'
import { placesOf } from '../pass.ts'

/** Count the places in a pass over a source, by a pass if there is no other way. */
export async function countPlaces(source: Source): Promise<number> {
  if (source.size !== undefined) return source.size
  if (source.countPlaces) return source.countPlaces()
  let count = 0
  for await (const _ of placesOf(source)) count++
  return count
}
