import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import {
  CheckpointError,
  type HostArray,
  readSafetensors,
  writeDirectoryAtomic,
  writeFileAtomic,
  writeSafetensors,
} from '../core/index.ts'
import type { AdapterOptions } from '../models/index.ts'
import { type Adapter, pathsOf } from './adapter.ts'
import { parseFile, readJson } from './json-file.ts'
import { requireReplaceable } from './replaceable.ts'
import { floatsOf, type Weights } from './weights.ts'

/** Files of a folder of Python's `peft`; a run with adapters has the first one too. */
export const adapterFiles = { config: 'adapter_config.json', weights: 'adapter_model.safetensors' } as const

const notSupported = (what: string) => `${what} is not supported; train the adapter without`

/** Keys of an `adapter_config.json` that decide the numbers. */
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
function adapterConfig(
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
