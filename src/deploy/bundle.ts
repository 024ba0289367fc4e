import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import {
  CheckpointError,
  ConfigError,
  float32,
  writeDirectoryAtomic,
  writeFileAtomic,
  writeSafetensors,
} from '../core/index.ts'
import type { Tokenizer } from '../data/text/index.ts'
import type { Model } from '../models/index.ts'
import type { ImageProcessing } from './image-processing.ts'
import { modelConfig } from './model-config.ts'
import { onnxFiles } from './onnx-files.ts'
import { preprocessorConfig } from './preprocessor-config.ts'
import { requireFit, type Weights } from './weights.ts'

/** A model without its weights: what it is, and how words and pictures become its inputs. */
export interface ModelDescription<M extends Model = Model> {
  readonly model: M
  readonly tokenizer: Tokenizer
  readonly image: ImageProcessing
}

/** A model with everything that using it takes. */
export interface Bundle<M extends Model = Model> extends ModelDescription<M> {
  /** By parameter name, in Hugging Face's form. */
  readonly weights: Weights
}

/** The files that describe a model; bundles and runs hold them. */
export const descriptionFiles = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  preprocessor: 'preprocessor_config.json',
} as const

export const weightsFile = 'model.safetensors'

/**
 * Write the files that describe a model into an existing folder, each whole or not at all. With weights beside
 * them, or under `checkpoints/` as in a run, `readBundle` reads the folder.
 * @throws CheckpointError as {@link requireOneModel}.
 */
export function writeModelFiles(directory: string, description: ModelDescription): void {
  requireOneModel(description, directory)
  const { model, tokenizer, image } = description
  const contents: Record<keyof typeof descriptionFiles, object> = {
    config: modelConfig(model),
    tokenizer: tokenizer.json,
    // Hugging Face's clients cut texts to this length.
    tokenizerConfig: {
      ...tokenizer.config,
      model_max_length: model.config.text_config.max_position_embeddings,
    },
    preprocessor: preprocessorConfig(image),
  }
  for (const [key, content] of Object.entries(contents)) {
    const name = descriptionFiles[key as keyof typeof contents]
    writeFileAtomic(join(directory, name), `${JSON.stringify(content, undefined, 2)}\n`)
  }
}

/**
 * Write a bundle: of a dual encoder the folder that Hugging Face's libraries read, in Python
 * (`CLIPModel.from_pretrained`) and JavaScript (transformers.js); of any model what `readBundle` reads. The folder appears whole or not at all; a bundle that is there
 * is replaced.
 * @throws ConfigError `bundle/not-a-bundle` when the folder holds anything that no export wrote.
 * @throws CheckpointError when the parts do not belong together.
 */
export async function writeBundle(directory: string, bundle: Bundle): Promise<void> {
  const target = resolve(directory)
  requireReplaceable(target)
  const weights = limitScale(bundle, requireFit(bundle.weights, bundle.model, target))
  await writeDirectoryAtomic(target, (temporary) => {
    writeModelFiles(temporary, bundle)
    writeSafetensors(join(temporary, weightsFile), weights, { format: 'pt' })
    for (const [name, bytes] of onnxFiles(bundle.model, weights, bundle.tokenizer)) {
      writeFileAtomic(join(temporary, 'onnx', `${name}.onnx`), bytes)
    }
  })
}

/**
 * Check that the parts belong to one model.
 * @throws CheckpointError `bundle/tokenizer` or `bundle/image-size`, naming `where`.
 */
export function requireOneModel({ model, tokenizer, image }: ModelDescription, where: string): void {
  const { text_config, vision_config } = model.config
  const { vocab_size } = text_config
  if (tokenizer.vocabularySize > vocab_size) {
    const message = `${where}: the tokenizer has ${tokenizer.vocabularySize} tokens, but text_config.vocab_size is ${vocab_size}`
    throw new CheckpointError('bundle/tokenizer', message, { where, vocab_size })
  }
  const end = 'eos_token_id' in text_config ? text_config.eos_token_id : undefined
  // Configs from before 2023 say 2 and mean the largest id.
  if (model.config.model_type !== 'siglip' && end !== 2 && end !== tokenizer.endId) {
    const message = `${where}: the tokenizer ends texts with ${tokenizer.endId}, but text_config.eos_token_id, where the model reads its feature, is ${end}`
    throw new CheckpointError('bundle/tokenizer', message, { where, endId: tokenizer.endId, end })
  }
  if (image.size !== vision_config.image_size) {
    const message = `${where}: images are prepared at ${image.size} pixels, but vision_config.image_size is ${vision_config.image_size}`
    throw new CheckpointError('bundle/image-size', message, { where, size: image.size })
  }
}

/** CLIP's factor never exceeds 100 while it learns, but its parameter may; Hugging Face's models have no limit. */
function limitScale({ model }: Bundle, weights: Weights): Weights {
  const logarithm = weights.get('logit_scale')?.data[0] ?? 0
  if (model.config.model_type !== 'clip' || logarithm <= Math.log(100)) return weights
  return new Map(weights).set('logit_scale', float32([], [Math.log(100)]))
}

const written = new Set<string>([...Object.values(descriptionFiles), weightsFile])

/** Nothing but what an export wrote may be replaced. */
function requireReplaceable(directory: string): void {
  if (!existsSync(directory)) return
  const foreign = statSync(directory).isDirectory() ? foreignFile(directory) : directory
  if (foreign === undefined) return
  throw new ConfigError(
    'bundle/not-a-bundle',
    `${directory} is not replaced, because no export wrote ${foreign}. Name another folder, or move it away first`,
    { directory, file: foreign },
  )
}

function foreignFile(directory: string): string | undefined {
  const files = readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry: Dirent) => relative(directory, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
  return files.find((file) => !written.has(file) && !/^onnx\/[^/]+\.onnx$/.test(file))
}
