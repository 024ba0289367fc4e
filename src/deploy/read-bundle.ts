import { existsSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { CheckpointError, ConfigError, isRun, runFiles, type WeightDType } from '../core/index.ts'
import { Tokenizer } from '../data/text/index.ts'
import { buildModel, type Families, familyOf, type Model, type ModelConfig } from '../models/index.ts'
import { fingerprintsOf, mergeAdapters, pathsOf, splitAdapters, type TrainedAdapter } from './adapter.ts'
import { readAdapterOptions } from './adapter-files.ts'
import { slotsFile } from './adapter-slots.ts'
import {
  type Bundle,
  descriptionFiles,
  type FamilyOptions,
  type ModelDescription,
  requireOneModel,
  weightsFile,
  weightsIndexFile,
} from './bundle.ts'
import { type CheckpointChoice, chosenCheckpoint } from './checkpoint-choice.ts'
import { compressedWeights, readCompression } from './compression-file.ts'
import type { ImageProcessing } from './image-processing.ts'
import { readJson } from './json-file.ts'
import { isLeRobotFolder, noWords, readLeRobotConfig, readLeRobotImages } from './lerobot/read-lerobot.ts'
import { Manifest } from './manifest.ts'
import { dtypeOf, parseModelConfig } from './model-config.ts'
import { parsePreprocessorConfig } from './preprocessor-config.ts'
import { type LoadedWeights, readWeights } from './weights.ts'

/**
 * File in which newer versions of Python's transformers keep the settings of tokenizer and image processor together.
 */
export const processorFile = 'processor_config.json'

/**
 * Read a bundle, a dual encoder's folder of Hugging Face's, or a run.
 *
 * @param options `checkpoint` of a run: `best` by its validation (default; `last` where it had none), `last`,
 * or the one of a step; ignored for a folder with weights of its own. `families`: those that a config may name; default: the
 * built-in ones.
 * @throws CheckpointError naming the file that is missing, damaged or does not fit the others.
 * @throws ConfigError `bundle/checkpoint` when the run has no such checkpoint.
 */
export function readBundle(
  directory: string,
  { checkpoint, families }: { readonly checkpoint?: CheckpointChoice | undefined } & FamilyOptions = {},
): Bundle {
  const description = readModelDescription(directory, { families })
  const loaded = readModelWeights(directory, description.model, checkpoint, families)
  return { ...description, ...loaded, ...(isRun(directory) && { dtype: recordedDType(directory) }) }
}

/** Tell a folder whose weights are those of checkpoints, which are always float32. */
const hasCheckpoints = (directory: string): boolean => existsSync(join(directory, runFiles.checkpoints))

/** The precision that a run has recorded of its base. */
const recordedDType = (directory: string): WeightDType =>
  dtypeOf(readJson(join(directory, descriptionFiles.config)))

/**
 * Description of the model of a bundle, run or Hugging Face folder, without weights: all that a runtime needs, except
 * its runner.
 * @throws CheckpointError of {@link readBundle}.
 */
export function readModelDescription(directory: string, { families }: FamilyOptions = {}): ModelDescription {
  requireModel(directory)
  const manifest = Manifest.read(directory)
  for (const name of describing) manifest?.requireFile(name)
  const model = buildModel(readModelConfig(directory, { families }), { families })
  const image = readImageProcessing(directory, { families })
  const tokenizer = isLeRobotFolder(directory) ? noWords() : Tokenizer.fromFolder(directory)
  const description = { model, tokenizer, image }
  requireOneModel(description, directory, families)
  return description
}

/** Files that are read to describe a model. */
const describing = [...Object.values(descriptionFiles), processorFile, slotsFile]

/** Weights of a folder; of a run with adapters these are in them, and also apart. */
export interface ModelWeights extends LoadedWeights {
  readonly adapter?: TrainedAdapter
}

/** The weights of a bundle, run or Hugging Face folder. @throws Errors of {@link readBundle}. */
export function readModelWeights(
  directory: string,
  model: Model,
  checkpoint: CheckpointChoice | undefined,
  families?: Families,
): ModelWeights {
  const { parameterOf } = familyOf(model.config.model_type, families)
  const files = weightsFilesOf(directory, checkpoint)
  const adapted = hasCheckpoints(directory) ? readAdapterOptions(directory) : undefined
  if (!adapted) {
    const manifest = Manifest.read(directory)
    for (const file of files) manifest?.requireFile(relative(directory, file))
    return readWeights(files, model, parameterOf)
  }
  const { options, baseName } = adapted
  const loaded = readWeights(files, buildModel(model.config, { families, adapters: options }), parameterOf)
  const { base, adapters } = splitAdapters(loaded.weights)
  const adapter = { options, weights: adapters, baseName, base: fingerprintsOf(base, pathsOf(adapters)) }
  return {
    ...loaded,
    weights: mergeAdapters(base, adapters, options),
    adapter: { ...adapter, baseWeights: base },
  }
}

/**
 * The config of the model that a bundle or run describes.
 * @throws CheckpointError `bundle/missing`, `bundle/model-type` or `bundle/config`, naming the file.
 */
export function readModelConfig(directory: string, { families }: FamilyOptions = {}): ModelConfig {
  requireModel(directory)
  if (isLeRobotFolder(directory)) return readLeRobotConfig(directory)
  const file = join(directory, descriptionFiles.config)
  return parseModelConfig(readJson(file), file, families)
}

/** Signs of a model's folder; a folder with none of these is something else, such as a folder of images. */
const signs = [descriptionFiles.config, weightsFile, runFiles.checkpoints] as const

function requireModel(directory: string): void {
  if (signs.some((name) => existsSync(join(directory, name)))) return
  const [config, weights, checkpoints] = signs
  const why = existsSync(directory)
    ? `it has no ${config}, ${weights} or ${checkpoints}/`
    : 'it does not exist'
  throw new CheckpointError(
    'bundle/missing',
    `there is no model in ${directory}: ${why}. Name a run (as runs/emoji, with ${config} and ${checkpoints}/), or a bundle ` +
      `or Hugging Face folder (with ${config} and ${weights})`,
    { directory, expected: signs },
  )
}

/** The files with the weights; a run has those of its frozen parameters apart from its checkpoints. */
export function weightsFilesOf(
  directory: string,
  checkpoint: CheckpointChoice | undefined,
): readonly [string, ...string[]] {
  if (hasCheckpoints(directory)) {
    const trained = join(chosenCheckpoint(directory, checkpoint ?? 'best'), weightsFile)
    const frozen = join(directory, runFiles.frozen)
    return existsSync(frozen) ? [trained, frozen] : [trained]
  }
  const files = [weightsFile, weightsIndexFile].map((name) => join(directory, name))
  const file = files.find((name) => existsSync(name))
  if (checkpoint !== undefined && file !== undefined) {
    const message = `${directory} is no run: its weights are ${basename(file)}, there is no checkpoint to choose`
    throw new ConfigError('bundle/checkpoint', message, { directory, checkpoint })
  }
  if (file !== undefined) return [file]
  const compressed = readCompression(directory)
  if (compressed) throw compressedWeights(directory, compressed)
  const wayOut = existsSync(join(directory, 'pytorch_model.bin'))
    ? 'Its weights are pytorch_model.bin: load and save the model in Python (save_pretrained) to get safetensors'
    : `A bundle or a Hugging Face folder has ${weightsFile}, a run has checkpoints/`
  throw new CheckpointError('bundle/missing', `there is no model in ${directory}. ${wayOut}`, { directory })
}

/**
 * The processing of images that a bundle, run or Hugging Face folder describes; that of `processor_config.json` wins, as
 * in Python.
 * @throws CheckpointError of {@link readBundle}.
 */
export function readImageProcessing(directory: string, { families }: FamilyOptions = {}): ImageProcessing {
  if (isLeRobotFolder(directory)) return readLeRobotImages(directory)
  const { model_type } = readModelConfig(directory, { families })
  const usual = familyOf(model_type, families).imageProcessor
  const joint = join(directory, processorFile)
  const { image_processor } = existsSync(joint) ? (readJson(joint) as { image_processor?: unknown }) : {}
  if (image_processor !== undefined) return parsePreprocessorConfig(image_processor, joint, usual)
  const own = join(directory, descriptionFiles.preprocessor)
  return parsePreprocessorConfig(readJson(own), own, usual)
}
