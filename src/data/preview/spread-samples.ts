import { type DataError, evenlySpread } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'

/** Read `count` samples, evenly from the whole source where its size is known, else its first. */
export async function* spreadSamples(
  source: Source,
  count: number,
  onBad: (error: DataError) => void = () => {},
): AsyncGenerator<Sample, void> {
  const { size = 0 } = source
  const spread = size > count
  const places = spread ? evenlySpread(size, count) : [0]
  for (const skip of places) {
    let left = spread ? 1 : count
    for await (const sample of source.samples({ skip, onBad })) {
      yield sample
      if (--left === 0) break
    }
  }
}
