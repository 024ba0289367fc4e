import { int64 } from '../../core/index.ts'
import { constant, type Tensor } from '../../graph/index.ts'

/** 1 at each place: [batch, places] int64 → [batch, places, count]; a place of −1 is nowhere. */
export function oneHot(places: Tensor, count: number): Tensor {
  const [batch, chosen] = places.shape as readonly [number, number]
  const every = constant(
    int64(
      [1, 1, count],
      Array.from({ length: count }, (_, i) => i),
    ),
  )
  return places.reshape([batch, chosen, 1]).equal(every).cast('float32')
}
