import type { Source } from '../../source.ts'
import { deliver, type Found, placesOf } from '../pass.ts'
import { describedByParts, mapParts, named, type Parts, sizeOfParts, specsOf } from './parts.ts'
import { countPlaces } from './places.ts'
import { shareOf } from './share.ts'

/**
 * Concatenate several sources:
 *
 *     concat({ photos: folder('photos', { captions: 'captions.csv' }), drawings: emoji({ split: 'train' }) })
 *
 * An id begins with the name of its part: `photos/cats/a.png`. Concepts are shared across parts.
 * @throws ConfigError `data/composition` for no parts, and for labels or arrays that differ.
 */
export function concat(parts: Parts): Source {
  const of = specsOf(parts)
  const { size } = sizeOfParts(parts)
  return {
    name: `concat(${Object.keys(parts).join(', ')})`,
    ...(of && { spec: { kind: 'concat', of } }),
    ...(size !== undefined && { size }),
    ...describedByParts(
      parts,
      mapParts(parts, (part) => part.size ?? 1),
    ),
    samples: ({ skip = 0, onBad } = {}) => deliver(oneAfterTheOther(parts, skip), onBad),
    async countPlaces() {
      let count = 0
      for (const part of Object.values(parts)) count += await countPlaces(part)
      return count
    },
    share: (member) => concat(mapParts(parts, (part) => shareOf(part, member))),
  }
}

async function* oneAfterTheOther(parts: Parts, skip: number): AsyncGenerator<Found> {
  let toSkip = skip
  for (const [name, part] of Object.entries(parts)) {
    const places = toSkip > 0 ? await countPlaces(part) : Number.POSITIVE_INFINITY
    if (places > toSkip) {
      for await (const found of placesOf(part, toSkip)) yield named(name, found)
    }
    toSkip = Math.max(0, toSkip - places)
  }
}
