import { random } from '../../core/index.ts'
import type { Source } from '../../data/index.ts'

/**
 * Some samples of a source, drawn by a seed; in the order of the source, so that they are the same in every pass. Of a source
 * without a known size they are its first ones.
 */
export function drawnSamples(source: Source, count: number, seed: number): Source {
  const { size } = source
  const { share: _, countPlaces: __, ...rest } = source
  const places = size === undefined ? undefined : drawnPlaces(size, count, seed)
  return {
    ...rest,
    size: Math.min(size ?? count, count),
    async *samples({ onBad } = {}) {
      let [place, taken] = [-1, 0]
      for await (const sample of source.samples(onBad ? { onBad } : {})) {
        place++
        if (taken === count) return
        if (places && !places.has(place)) continue
        taken++
        yield sample
      }
    },
  }
}

const drawnPlaces = (size: number, count: number, seed: number): ReadonlySet<number> => {
  const places = Array.from({ length: size }, (_, place) => place)
  return new Set(random(seed, 'calibration').shuffle(places).slice(0, count))
}
