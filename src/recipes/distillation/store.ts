import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Batch,
  ConfigError,
  concatenateRows,
  type HostArray,
  writeDirectoryAtomic,
  writeFileAtomic,
} from '../../core/index.ts'
import { type LoaderOptions, loader, type Source } from '../../data/index.ts'
import {
  batchWithOutputs,
  type OutputRows,
  type OutputsOf,
  readOutputs,
  storedOutputs,
  writeOutputs,
} from '../../training/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'
import { imageSettings } from '../run/batches.ts'
import { surveyOptions } from '../run/vocabulary.ts'
import type { Teacher } from './teacher.ts'

/** Receiver of the progress of storing outputs. */
export interface StoreProgress {
  /** @param samples Number of samples to be seen, each augmentation counted; undefined where the source does not know. */
  readonly onStore?: (samples: number | undefined) => void
  readonly onStored?: (samples: number) => void
}

/** A recipe's store, with its defaults. */
interface Store {
  readonly directory: string
  readonly variants: number
  readonly seed: number
}

/** The teachers, data and processing that stored outputs belong to, as `store.json` holds them. */
interface StoreRecord {
  /** SHA-256 of each teacher. */
  readonly teachers: readonly string[]
  /** SHA-256 of the ids and captions of all samples, in their order. */
  readonly data: string
  /** Preparation of the samples. */
  readonly processing: unknown
  readonly variants: number
}

const recordFile = 'store.json'

/** Rows of one file. */
const shardRows = 8192

/** Key of a sample's outputs for one of its augmentations. */
const keyOf = (id: string, augmentation: number | bigint): string => `${augmentation} ${id}`

/** Options of the loader whose augmentations are those of a store. */
export const augmentationsOf = ({ distillation }: Recipe): LoaderOptions['augmentations'] => {
  if (!distillation?.store) return undefined
  const { variants: count, seed } = distillation.store as Store
  return { count, seed }
}

/**
 * The outputs of teachers in a store, which is made first if the directory does not exist: every sample once for each
 * augmentation. A store appears whole or not at all.
 * @param options Of the run's loader, with the teachers' inputs.
 * @param live Functions that compute the outputs of each teacher; called only if there is no store.
 * @throws ConfigError `config/other-store` for a store of other teachers, data, processing or variants.
 */
export async function outputsOfStore(
  recipe: Recipe,
  teachers: readonly Teacher[],
  options: LoaderOptions,
  registry: Registry,
  live: () => Promise<readonly OutputsOf[]>,
  progress: StoreProgress = {},
): Promise<OutputsOf> {
  const { directory, variants } = recipe.distillation!.store as Store
  const record: StoreRecord = {
    teachers: teachers.map(({ digest }) => digest),
    data: await digestOfData(options.source, recipe),
    processing: processingOf(recipe, registry),
    variants,
  }
  if (isThere(directory)) requireSameStore(directory, record)
  else await writeStore(directory, record, passesOf(options, variants), await live(), progress)
  const stored = storedOutputs(readStore(directory))
  return ({ ids, arrays }) => {
    const numbers = arrays.augmentations!.data as BigInt64Array
    return stored({ ids: ids.map((id, row) => keyOf(id, numbers[row]!)), arrays })
  }
}

/** One pass for each augmentation, in which every sample comes once. */
function passesOf(options: LoaderOptions, variants: number): LoaderOptions {
  const { sampler: _, position: __, ...rest } = options
  return { ...rest, epochs: variants, uniqueConcepts: false }
}

async function writeStore(
  directory: string,
  record: StoreRecord,
  options: LoaderOptions,
  live: readonly OutputsOf[],
  { onStore, onStored }: StoreProgress,
): Promise<void> {
  const { size } = options.source
  onStore?.(size === undefined ? undefined : size * record.variants)
  await writeDirectoryAtomic(directory, async (temporary) => {
    let shard = new Shard()
    let written = 0
    const write = () => {
      writeOutputs(join(temporary, `${String(written++).padStart(5, '0')}.safetensors`), shard.rows)
      shard = new Shard()
    }
    for await (const batch of loader(options)) {
      shard.add(batch, await outputsOf(batch, live))
      onStored?.(batch.ids.length)
      if (shard.size >= shardRows) write()
    }
    if (shard.size > 0) write()
    writeFileAtomic(join(temporary, recordFile), `${JSON.stringify(record, undefined, 2)}\n`)
  })
}

/** The outputs of all teachers for a batch. */
async function outputsOf(batch: Batch, live: readonly OutputsOf[]): Promise<Record<string, HostArray>> {
  let joined = batch
  for (const each of live) joined = await batchWithOutputs(joined, each)
  return Object.fromEntries(Object.entries(joined.arrays).filter(([name]) => !(name in batch.arrays)))
}

/** Outputs that wait to be written. */
class Shard {
  readonly #keys: string[] = []
  readonly #parts: Record<string, HostArray>[] = []

  get size(): number {
    return this.#keys.length
  }

  add({ ids, arrays }: Batch, outputs: Record<string, HostArray>): void {
    const numbers = arrays.augmentations!.data as BigInt64Array
    this.#keys.push(...ids.map((id, row) => keyOf(id, numbers[row]!)))
    this.#parts.push(outputs)
  }

  get rows(): OutputRows {
    return { ids: this.#keys, arrays: joined(this.#parts) }
  }
}

/** The rows of several parts with the same arrays. */
const joined = (parts: readonly Readonly<Record<string, HostArray>>[]): Record<string, HostArray> =>
  Object.fromEntries(
    Object.keys(parts[0]!).map((name) => [name, concatenateRows(parts.map((part) => part[name]!))]),
  )

function readStore(directory: string): OutputRows {
  const files = readdirSync(directory).filter((name) => name.endsWith('.safetensors'))
  const shards = files.sort().map((name) => readOutputs(join(directory, name)))
  return {
    ids: shards.flatMap(({ ids }) => ids),
    arrays: joined(shards.map(({ arrays }) => arrays)),
  }
}

const isThere = (directory: string): boolean => existsSync(directory) && readdirSync(directory).length > 0

function requireSameStore(directory: string, wanted: StoreRecord): void {
  const file = join(directory, recordFile)
  const found = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StoreRecord) : undefined
  const differing = (Object.keys(wanted) as (keyof StoreRecord)[]).filter(
    (key) => JSON.stringify(wanted[key]) !== JSON.stringify(found?.[key]),
  )
  if (found && differing.length === 0) return
  const what = found
    ? `holds outputs of other ${differing.join(', ')}`
    : `has files, but no ${recordFile}, so that it is no store`
  throw new ConfigError(
    'config/other-store',
    `distillation.store: ${directory} ${what} than this recipe's. Name another directory, or delete this one to have the outputs computed anew`,
    { directory, differing: found ? differing : [] },
  )
}

/** All keys of a recipe that decide what a teacher sees of a sample. */
function processingOf(recipe: Recipe, registry: Registry): unknown {
  const { seed } = recipe.distillation!.store as Store
  const { augment, texts } = recipe
  const { augment: _, ...images } = imageSettings(recipe, registry)
  return JSON.parse(JSON.stringify({ seed, images, augment, firstCaption: texts.firstCaption }))
}

async function digestOfData(source: Source, recipe: Recipe): Promise<string> {
  const hash = createHash('sha256')
  for await (const { id, captions } of source.samples(surveyOptions(recipe)))
    hash.update(`${JSON.stringify([id, captions])}\n`)
  return hash.digest('hex')
}
