import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { CheckpointError } from './errors.ts'
import type { HostArray } from './host-array.ts'
import { readSafetensors } from './safetensors.ts'

/**
 * Weights over several safetensors files, as Hugging Face's libraries write large models: an index
 * (`model.safetensors.index.json`) says which file beside it, a shard, holds each tensor.
 */

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

/**
 * Read arrays from the shards that an index names, shard after shard. Shards without a wanted array are not opened.
 * @param isWanted Choice of arrays by name.
 * @throws CheckpointError `checkpoint/index` for an index that is damaged or names what a shard lacks; errors of
 * `readSafetensors` for a shard.
 */
export function readShardedSafetensors(
  indexFile: string,
  isWanted: (name: string) => boolean,
): { tensors: Map<string, HostArray>; dtypes: Map<string, string> } {
  const tensors = new Map<string, HostArray>()
  const dtypes = new Map<string, string>()
  for (const [shard, names] of wantedByShard(indexFile, isWanted)) {
    const file = join(dirname(indexFile), shard)
    const found = readSafetensors(file, (name) => names.has(name))
    for (const [name, dtype] of found.dtypes) dtypes.set(name, dtype)
    for (const name of names) {
      const array = found.tensors.get(name)
      if (!array)
        throw badIndex(indexFile, `says that ${shard} holds the tensor "${name}", which is not there`)
      tensors.set(name, array)
    }
  }
  return { tensors, dtypes }
}

function wantedByShard(
  indexFile: string,
  isWanted: (name: string) => boolean,
): ReadonlyMap<string, ReadonlySet<string>> {
  const shards = new Map<string, Set<string>>()
  for (const [name, shard] of Object.entries(readIndex(indexFile))) {
    if (basename(shard) !== shard) throw badIndex(indexFile, `names a shard outside its folder, "${shard}"`)
    if (!isWanted(name)) continue
    const names = shards.get(shard) ?? new Set()
    shards.set(shard, names.add(name))
  }
  return shards
}

function readIndex(file: string): Readonly<Record<string, string>> {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw badIndex(file, `cannot be read as JSON (${(cause as Error).message})`, cause)
  }
  const index = indexSchema.safeParse(content)
  if (!index.success) throw badIndex(file, 'has no weight_map from names of tensors to files')
  return index.data.weight_map
}

const badIndex = (file: string, problem: string, cause?: unknown): CheckpointError =>
  new CheckpointError(
    'checkpoint/index',
    `${file} ${problem}. Copy or download the whole folder again, or save the model anew in Python (save_pretrained).`,
    { file },
    { cause },
  )
