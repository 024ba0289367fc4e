import { dirname, posix, relative } from 'node:path'
import { DataError } from '../../core/index.ts'
import type { Sample } from '../sample.ts'
import type { Source } from '../source.ts'
import { deliver, orDataError } from './pass.ts'
import { listShards } from './shards.ts'
import { tarEntries } from './tar-entries.ts'
import { type WebdatasetFiles, webdatasetSample } from './webdataset-sample.ts'

/**
 * Tar shards in the WebDataset layout, streamed: files that share a key (the name up to its first dot) and
 * stand together are a sample, `key.jpg`, `.jpeg`, `.png` or `.webp` with `key.txt` (a caption a line),
 * `key.json` (`{"caption": "…"}` or `{"captions": […]}`), or both. Other files of a sample are ignored.
 *
 * `pattern` names shards with `data-{000..009}.tar`, `{train,more}.tar`, `data-*.tar`. Samples come in the order
 * of shards and entries; an id is `shard/key`. The number of samples is not known beforehand. At most one sample
 * is held in memory.
 *
 * @throws DataError when a shard is missing, at once; during a pass, unless `onBad` takes it, for a sample
 * without image, with several, with an empty image or caption, with malformed JSON or a key that came before
 * in its shard, and for a shard cut short or damaged: the sample before the cut, which may lack files, is left
 * out with what follows, and the pass goes on with the next shard.
 */
export function webdataset(pattern: string): Source {
  const shards = listShards(pattern)
  const folder = dirname(/^[^{*?]*/.exec(pattern)![0])
  return {
    name: `webdataset(${pattern})`,
    spec: { source: 'webdataset', shards: pattern },
    samples: (options) => deliver(allSamples(shards, folder), options),
  }
}

async function* allSamples(shards: readonly string[], folder: string): AsyncGenerator<Sample | DataError> {
  for (const shard of shards) {
    const name = relative(folder, shard)
      .replaceAll('\\', '/')
      .replace(/\.tar$/, '')
    try {
      for await (const files of filesByKey(shard)) {
        yield orDataError(() => webdatasetSample(files, shard, name))
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      yield error
    }
  }
}

async function* filesByKey(shard: string): AsyncGenerator<WebdatasetFiles> {
  const keys = new Set<string>()
  let files: WebdatasetFiles | undefined
  for await (const { name, bytes } of tarEntries(shard)) {
    const { key, extension } = splitName(name)
    if (!key) continue
    if (files?.key !== key || files.parts.has(extension)) {
      if (files) yield files
      files = { key, repeated: keys.has(key), parts: new Map() }
      keys.add(key)
    }
    files.parts.set(extension, bytes)
  }
  if (files) yield files
}

/** `./cats/001.left.JPG` → key `cats/001`, extension `left.jpg`; hidden files have no key. */
function splitName(name: string): { key: string; extension: string } {
  const { dir, base } = posix.parse(posix.normalize(name))
  const dot = base.indexOf('.')
  const stem = dot < 0 ? base : base.slice(0, dot)
  return { key: stem && posix.join(dir, stem), extension: dot < 0 ? '' : base.slice(dot + 1).toLowerCase() }
}
