import { ConfigError } from '../../../core/index.ts'
import type { Member, Source } from '../../source.ts'
import { deliver, type Found, placesOf } from '../pass.ts'
import { describedLike } from './parts.ts'

/**
 * Part of a source for one rank of several; the parts of all ranks are the source, each sample once.
 *
 * Tar shards are dealt out whole where their count is a multiple of the ranks, rows of Parquet files by ranges. From
 * other sources each rank takes every n-th sample. A composed source is composed of its sources' parts.
 *
 * @param member A `Communicator`, or `{ rank, size }`.
 * @throws ConfigError `data/rank` for a rank outside 0 … size − 1.
 */
export function shareOf(source: Source, { rank, size }: Member): Source {
  if (!Number.isInteger(size) || !Number.isInteger(rank) || rank < 0 || rank >= size) {
    throw new ConfigError('data/rank', `there is no rank ${rank} of ${size}: ranks count from 0`, {
      rank,
      size,
    })
  }
  if (size === 1) return source
  return source.share?.({ rank, size }) ?? interleaved(source, { rank, size })
}

/** Every n-th place of a source, for n ranks. */
export function interleaved(source: Source, { rank, size }: Member): Source {
  async function* found(skip: number): AsyncGenerator<Found> {
    let place = skip * size
    for await (const item of placesOf(source, place)) {
      if (place++ % size === rank) yield item
    }
  }
  return {
    name: shareName(source.name, { rank, size }),
    ...(source.size !== undefined && { size: Math.ceil((source.size - rank) / size) }),
    ...describedLike(source),
    samples: ({ skip = 0, onBad } = {}) => deliver(found(skip), onBad),
  }
}

/** Name of a share: `emoji(train), part 2 of 4` */
export const shareName = (name: string, { rank, size }: Member): string =>
  `${name}, part ${rank + 1} of ${size}`
