import { DataError } from '../../core/index.ts'
import type { Subject } from '../method.ts'

/** @throws DataError `compression/not-finite` naming a weight with a number that is infinite or none. */
export function requireFiniteWeights({ bundle: { weights } }: Subject): void {
  for (const [name, { data }] of weights) {
    const at = data.findIndex((value) => !Number.isFinite(value))
    if (at === -1) continue
    throw new DataError(
      'compression/not-finite',
      `"${name}" has the number ${data[at]}. A model that diverged cannot be compressed: take an earlier checkpoint`,
      { weight: name, value: data[at] },
    )
  }
}
