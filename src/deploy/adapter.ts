import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import {
  CheckpointError,
  float32,
  type HostArray,
  readSafetensors,
  sameShape,
  writeDirectoryAtomic,
  writeFileAtomic,
  writeSafetensors,
} from '../core/index.ts'
import { type AdapterOptions, adapterScale } from '../models/index.ts'
import { parseFile, readJson } from './json-file.ts'
import { requireReplaceable } from './replaceable.ts'
import { floatsOf, type Weights } from './weights.ts'

/** Files of a folder of Python's `peft`; a run with adapters has the first one too. */
export const adapterFiles = { config: 'adapter_config.json', weights: 'adapter_model.safetensors' } as const

/** Low-rank adapters of a model with their weights. */
export interface Adapter {
  readonly options: AdapterOptions
  /** A and B by the names of their parameters: `<path>.lora_a.weight` [rank, inputs], `<path>.lora_b.weight` [outputs, rank]. */
  readonly weights: Weights
  /** Folder or name of the base, as the adapter's files name it. */
  readonly baseName?: string | undefined
  /** Fingerprints of the base's weights. Files that Python wrote have none. */
  readonly base?: Fingerprints | undefined
}

/** The adapters of a run, with the weights of its base. */
export interface TrainedAdapter extends Adapter {
  readonly baseWeights: Weights
}

const notSupported = (what: string) => `${what} is not supported; train the adapter without`

/** What of an `adapter_config.json` decides the numbers. */
const configSchema = z.object({
  peft_type: z.literal('LORA', notSupported('another kind of adapter than LORA')),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  use_rslora: z.boolean().default(false),
  base_model_name_or_path: z.string().nullish(),
  target_modules: z.unknown(),
  bias: z.literal('none', notSupported('a trained bias')).default('none'),
  use_dora: z.literal(false, notSupported('DoRA')).default(false),
  fan_in_fan_out: z.literal(false, notSupported('a transposed weight')).default(false),
  lora_bias: z.literal(false, notSupported('a bias of the adapter')).default(false),
  modules_to_save: z.array(z.string()).max(0, notSupported('a module that is trained whole')).nullish(),
  rank_pattern: z.record(z.string(), z.never(notSupported('a rank of its own for a module'))).nullish(),
  alpha_pattern: z.record(z.string(), z.never(notSupported('an alpha of its own for a module'))).nullish(),
})

/** The content of an `adapter_config.json` for Python's `peft`. */
export function adapterConfig(
  { rank, alpha, dropout, targetModules, useRslora }: AdapterOptions,
  baseName: string | undefined,
): object {
  return {
    peft_type: 'LORA',
    task_type: null,
    base_model_name_or_path: baseName ?? null,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    use_rslora: useRslora,
    target_modules: targetModules,
    bias: 'none',
    fan_in_fan_out: false,
    use_dora: false,
    modules_to_save: null,
    rank_pattern: {},
    alpha_pattern: {},
    inference_mode: true,
  }
}

/** Write an `adapter_config.json` into an existing folder. */
export function writeAdapterConfig(directory: string, options: AdapterOptions, baseName?: string): void {
  const content = `${JSON.stringify(adapterConfig(options, baseName), undefined, 2)}\n`
  writeFileAtomic(join(directory, adapterFiles.config), content)
}

/**
 * The adapters of a run, as its `adapter_config.json` describes them, with patterns of its recipe as target modules;
 * undefined for a folder without one.
 * @throws CheckpointError `bundle/adapter`.
 */
export function readAdapterOptions(
  directory: string,
): (Pick<Adapter, 'baseName'> & { options: AdapterOptions }) | undefined {
  const file = join(directory, adapterFiles.config)
  if (!existsSync(file)) return undefined
  const config = parseFile(configSchema, readJson(file), file, 'bundle/adapter')
  const targetModules = z.array(z.string()).catch([]).parse(config.target_modules)
  return {
    options: {
      rank: config.r,
      alpha: config.lora_alpha,
      dropout: config.lora_dropout,
      targetModules,
      useRslora: config.use_rslora,
    },
    baseName: config.base_model_name_or_path ?? undefined,
  }
}

const fingerprints = z.record(z.string(), z.string())

const peftName = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/

/**
 * Read a folder of Python's `peft`, or one that {@link writeAdapter} wrote. The target modules are the paths of the
 * linear maps that it has weights for.
 * @throws CheckpointError `bundle/adapter` for a folder without adapters, of a kind or with tensors that are not
 * supported; errors of `readSafetensors`.
 */
export function readAdapter(directory: string): Adapter {
  const described = readAdapterOptions(directory)
  const file = join(directory, adapterFiles.weights)
  if (!described || !existsSync(file)) {
    const missing = described ? adapterFiles.weights : adapterFiles.config
    throw new CheckpointError(
      'bundle/adapter',
      `there is no adapter in ${directory}: it has no ${missing}. Name a folder of Python's peft, or of export --adapter`,
      { directory },
    )
  }
  const { tensors, metadata } = readSafetensors(file)
  const weights = new Map<string, HostArray<'float32'>>()
  const foreign: string[] = []
  for (const [name, array] of tensors) {
    const [, path, part] = peftName.exec(name) ?? []
    if (path === undefined || part === undefined) foreign.push(name)
    else weights.set(`${path}.lora_${part.toLowerCase()}.weight`, floatsOf(array, name, file))
  }
  if (foreign.length > 0 || weights.size === 0) {
    const problem =
      foreign.length > 0 ? `tensors that are no LoRA of linear maps: ${foreign.join(', ')}` : 'no tensors'
    throw new CheckpointError('bundle/adapter', `${file} has ${problem}`, { file, tensors: foreign })
  }
  const options = { ...described.options, targetModules: pathsOf(weights) }
  requireRank(options, weights, file)
  const base = metadata.base === undefined ? undefined : fingerprints.parse(JSON.parse(metadata.base))
  return { options, weights, baseName: described.baseName, base }
}

/** Paths of the linear maps that have an A. */
export const pathsOf = (weights: Weights): string[] =>
  [...weights.keys()].flatMap((name) => {
    const path = name.replace(/\.lora_a\.weight$/, '')
    return path === name ? [] : [path]
  })

function requireRank({ rank }: AdapterOptions, weights: Weights, file: string): void {
  for (const [name, { shape }] of weights) {
    const found = name.endsWith('.lora_a.weight') ? shape[0] : shape[1]
    if (found === rank) continue
    const message = `${file}: "${name}" is [${shape}], but r of ${adapterFiles.config} is ${rank}. Take both from one training`
    throw new CheckpointError('bundle/adapter', message, { file, tensor: name, rank })
  }
}

/**
 * Write adapters as Python's `peft` reads them: `PeftModel.from_pretrained(base, directory)`. The folder appears whole or
 * not at all; an earlier one is replaced.
 * @throws ConfigError `bundle/not-a-bundle` when the folder holds anything else.
 */
export async function writeAdapter(directory: string, adapter: Adapter): Promise<void> {
  const target = resolve(directory)
  requireReplaceable(target, (file) => Object.values<string>(adapterFiles).includes(file))
  const { options, weights, baseName, base } = adapter
  const named = [...weights].map(([name, array]) => {
    const peft = name.replace(
      /\.lora_([ab])\.weight$/,
      (_, part: string) => `.lora_${part.toUpperCase()}.weight`,
    )
    return [`base_model.model.${peft}`, array] as const
  })
  await writeDirectoryAtomic(target, (temporary) => {
    writeAdapterConfig(temporary, { ...options, targetModules: pathsOf(weights) }, baseName)
    writeSafetensors(join(temporary, adapterFiles.weights), named, {
      format: 'pt',
      ...(base && { base: JSON.stringify(base) }),
    })
  })
}

/** Split weights of a model with adapters into those of its base and those of the adapters. */
export function splitAdapters(all: Weights): { base: Weights; adapters: Weights } {
  const isAdapter = ([name]: readonly [string, unknown]) => /\.lora_[ab]\.weight$/.test(name)
  return {
    base: new Map([...all].filter((entry) => !isAdapter(entry))),
    adapters: new Map([...all].filter(isAdapter)),
  }
}

/** Fingerprints of the weights that adapters change, by the path of the linear map: SHA-256 of the numbers. */
export type Fingerprints = Readonly<Record<string, string>>

/** Fingerprints of a base's linear maps. */
export function fingerprintsOf(base: Weights, paths: readonly string[]): Fingerprints {
  const hashes = paths.map((path) => {
    const { buffer, byteOffset, byteLength } = base.get(`${path}.weight`)!.data
    const hash = createHash('sha256').update(new Uint8Array(buffer, byteOffset, byteLength))
    return [path, hash.digest('hex').slice(0, 32)] as const
  })
  return Object.fromEntries(hashes)
}

/**
 * Require that adapters belong to a base.
 * @throws CheckpointError `bundle/adapter` naming the linear map that is missing or of another shape, or for another
 * base of the same shapes.
 */
export function requireAdapterFits(adapter: Adapter, base: Weights, where: string): void {
  const { weights, baseName } = adapter
  for (const path of pathsOf(weights)) {
    const [a, b, w] = [`${path}.lora_a.weight`, `${path}.lora_b.weight`]
      .map((name) => weights.get(name)?.shape)
      .concat([base.get(`${path}.weight`)?.shape])
    if (a && b && w && sameShape(w, [b[0]!, a[1]!])) continue
    const found = w ? `is [${w}] there` : 'is not there'
    throw misfit(where, `it changes "${path}.weight" [${[b?.[0], a?.[1]]}], which ${found}`, baseName)
  }
  requireFingerprints(adapter, fingerprintsOf(base, pathsOf(weights)), where)
}

/** Require that adapters were trained on weights with these fingerprints, as far as they know theirs. */
export function requireFingerprints(
  { base = {}, baseName }: Adapter,
  found: Fingerprints,
  where: string,
): void {
  const other = Object.keys(base).find((path) => found[path] !== base[path])
  if (other !== undefined) throw misfit(where, `"${other}.weight" has other values there`, baseName)
}

function misfit(where: string, problem: string, baseName: string | undefined): CheckpointError {
  const trained = baseName === undefined ? '' : ` It was trained on ${baseName}`
  return new CheckpointError(
    'bundle/adapter',
    `the adapter ${where} is of another base: ${problem}.${trained}`,
    {
      adapter: where,
      base: baseName,
    },
  )
}

/** The base's weights with the adapters in them: W + scale·B·A. Weights without an adapter are the same arrays. */
export function mergeAdapters(base: Weights, adapters: Weights, options: AdapterOptions): Weights {
  const scale = adapterScale(options)
  const merged = new Map(base)
  for (const path of pathsOf(adapters)) {
    const [a, b] = [adapters.get(`${path}.lora_a.weight`)!, adapters.get(`${path}.lora_b.weight`)!]
    const { shape, data } = base.get(`${path}.weight`)!
    merged.set(`${path}.weight`, float32(shape, plusProduct(data, b, a, scale)))
  }
  return merged
}

/** w + scale·B·A, row by row in float64. */
function plusProduct(
  w: Float32Array,
  { shape: [outputs, rank], data: b }: HostArray<'float32'>,
  { shape: [, inputs], data: a }: HostArray<'float32'>,
  scale: number,
): Float32Array {
  const [rows, middle, width] = [outputs!, rank!, inputs!]
  const sum = Float32Array.from(w)
  const row = new Float64Array(width)
  for (let i = 0; i < rows; i++) {
    row.fill(0)
    for (let k = 0; k < middle; k++) {
      const factor = scale * b[i * middle + k]!
      for (let j = 0; j < width; j++) row[j]! += factor * a[k * width + j]!
    }
    for (let j = 0; j < width; j++) sum[i * width + j]! += row[j]!
  }
  return sum
}
