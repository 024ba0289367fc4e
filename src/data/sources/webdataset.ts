import { posix } from 'node:path'
import type { Source } from '../source.ts'
import { interleaved, shareName } from './composition/share.ts'
import type { LabelKinds } from './label-values.ts'
import { asDataError, deliver, type Found, orDataError } from './pass.ts'
import { listShards, shardNames } from './shards.ts'
import { tarEntries } from './tar-entries.ts'
import { type Shard, sampleExtensions, type WebdatasetFiles, webdatasetSample } from './webdataset-sample.ts'

/** Options of `webdataset`. */
export interface WebdatasetOptions {
  /** Labels by name, keys of a sample's JSON, with their kinds. Default: none. */
  readonly labels?: LabelKinds
}

/**
 * Tar shards in the WebDataset layout, streamed: files that share a key (the name up to its first dot) and stand
 * together are a sample, `key.jpg` or another image with `key.txt` (one caption), `key.json` (`{"caption": "…"}` or
 * `{"captions": […]}`), or both. Other files of a sample are ignored.
 *
 * `pattern` names shards with `data-{000..009}.tar`, `{train,more}.tar`, `data-*.tar`. Samples come in the order of
 * shards and entries; an id is `shard/key`. The count of samples is not known beforehand. At most one sample is held in
 * memory.
 *
 * @throws DataError when a shard is missing, at once; during a pass, unless `onBad` takes it, for a sample without
 * image, with several, with an empty image or caption, with malformed JSON, text that is not UTF-8 or a repeated key in
 * its shard, and for a
 * shard cut short or damaged: the sample before the cut, which may lack files, is left out with what follows, and the
 * pass goes on with the next shard.
 */
export function webdataset(pattern: string, options: WebdatasetOptions = {}): Source {
  const { labels } = options
  const paths = listShards(pattern)
  const names = shardNames(pattern, paths)
  return {
    ...overShards(
      `webdataset(${pattern})`,
      paths.map((path, index) => ({ path, name: names[index]!, labels })),
    ),
    spec: { kind: 'webdataset', shards: pattern, ...options },
  }
}

function overShards(name: string, shards: readonly Shard[]): Source {
  const places = new Map<Shard, number>()
  const labels = shards[0]?.labels
  return {
    name,
    ...(labels && { labels }),
    samples: ({ skip = 0, onBad } = {}) => deliver(foundInAll(shards, places, skip), onBad),
    async countPlaces() {
      for await (const _ of foundInAll(shards, places, Number.POSITIVE_INFINITY));
      return [...places.values()].reduce((sum, count) => sum + count, 0)
    },
    share(member) {
      if (shards.length % member.size !== 0) return interleaved(this, member)
      const own = shards.filter((_, index) => index % member.size === member.rank)
      return overShards(shareName(name, member), own)
    },
  }
}

/** @param places Counts of places in the shards that were read to their end: they are skipped without reading again. */
async function* foundInAll(
  shards: readonly Shard[],
  places: Map<Shard, number>,
  skip: number,
): AsyncGenerator<Found> {
  let toSkip = skip
  for (const shard of shards) {
    const known = places.get(shard)
    if (known === undefined || known > toSkip) places.set(shard, yield* foundIn(shard, toSkip))
    toSkip = Math.max(0, toSkip - places.get(shard)!)
  }
}

/** @returns Count of the places of the shard. */
async function* foundIn(shard: Shard, skip: number): AsyncGenerator<Found, number> {
  let place = 0
  try {
    for await (const files of filesByKey(shard.path, skip)) {
      if (place++ >= skip) yield orDataError(() => webdatasetSample(files, shard))
    }
  } catch (error) {
    const problem = asDataError(error)
    if (place++ >= skip) yield problem
  }
  return place
}

/** Files by key. Only the names of the first `skip` keys are read. */
async function* filesByKey(shard: string, skip: number): AsyncGenerator<WebdatasetFiles> {
  const keys = new Set<string>()
  let files: WebdatasetFiles | undefined
  let place = -1
  for await (const { name, read } of tarEntries(shard)) {
    const { key, extension } = splitName(name)
    if (!key) continue
    if (files?.key !== key || files.parts.has(extension)) {
      if (files) yield files
      files = { key, repeated: keys.has(key), parts: new Map() }
      keys.add(key)
      place++
    }
    const isNeeded = place >= skip && sampleExtensions.includes(extension)
    files.parts.set(extension, isNeeded ? await read() : nothing)
  }
  if (files) yield files
}

const nothing = new Uint8Array()

/** Split a name: `./cats/001.left.JPG` → key `cats/001`, extension `left.jpg`; hidden files have no key. */
function splitName(name: string): { key: string; extension: string } {
  const { dir, base } = posix.parse(posix.normalize(name))
  const dot = base.indexOf('.')
  const stem = dot < 0 ? base : base.slice(0, dot)
  return { key: stem && posix.join(dir, stem), extension: dot < 0 ? '' : base.slice(dot + 1).toLowerCase() }
}
