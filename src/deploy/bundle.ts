import { join, resolve } from 'node:path'
import {
  CheckpointError,
  sparseContent,
  type WeightDType,
  writeDirectoryAtomic,
  writeFileAtomic,
  writeSafetensors,
} from '../core/index.ts'
import type { Tokenizer } from '../data/text/index.ts'
import { rewrite, writeOnnx } from '../graph/index.ts'
import {
  type Families,
  familyOf,
  isChunkPolicy,
  isPolicy,
  type Model,
  statisticProblem,
  statisticsProblems,
} from '../models/index.ts'
import type { TrainedAdapter } from './adapter.ts'
import { type SlotOptions, slotsFile, writeSlots } from './adapter-slots.ts'
import { compressionFile } from './compression-file.ts'
import { type FrameSize, framesGraph, framesGraphName } from './frames-graph.ts'
import type { ImageProcessing } from './image-processing.ts'
import { manifestFile, writeManifest } from './manifest.ts'
import { modelConfig } from './model-config.ts'
import { onnxFiles } from './onnx-files.ts'
import { preprocessorConfig } from './preprocessor-config.ts'
import { requireReplaceable } from './replaceable.ts'
import { requireFit, roundWeights, type Weights } from './weights.ts'

/** A model without its weights: its config, and the processing of texts and images into its inputs. */
export interface ModelDescription<M extends Model = Model> {
  readonly model: M
  readonly tokenizer: Tokenizer
  readonly image: ImageProcessing
}

/** A model with everything that its use needs. */
export interface Bundle<M extends Model = Model> extends ModelDescription<M> {
  /** Weights by parameter name, in Hugging Face's form. */
  readonly weights: Weights
  /** Names of tensors beside these weights in the file that they were read from. Default: none. */
  readonly leftOut?: readonly string[]
  /** Precision that the weights were stored in; of a run that of its base. Default: float32. */
  readonly dtype?: WeightDType
  /** Adapters of a run, which its weights have in them. Default: none. */
  readonly adapter?: TrainedAdapter
}

/** The files that describe a model; bundles and runs hold them. */
export const descriptionFiles = {
  config: 'config.json',
  tokenizer: 'tokenizer.json',
  tokenizerConfig: 'tokenizer_config.json',
  preprocessor: 'preprocessor_config.json',
} as const

export const weightsFile = 'model.safetensors'

/** Index of weights over several files, as Hugging Face's libraries write large models. */
export const weightsIndexFile = 'model.safetensors.index.json'

/** Options for the model families. */
export interface FamilyOptions {
  /** Families by `model_type`. Default: the built-in ones. */
  readonly families?: Families | undefined
}

/** Options of files of a model. */
export interface ModelFilesOptions extends FamilyOptions {
  /** Precision of the weights that `config.json` names. Default: float32. */
  readonly dtype?: WeightDType | undefined
}

/** Options of a bundle. */
export interface BundleOptions extends ModelFilesOptions {
  /**
   * Store matrices with zeros as their other values and a bitmask (`sparseContent`), where that takes fewer bytes. Visuomotor
   * reads such a file, Hugging Face's libraries do not. Default false.
   */
  readonly sparse?: boolean | undefined
  /** Room for adapters in the ONNX files: see `DualEncoderRuntime.useAdapter`. Default: none. */
  readonly slots?: SlotOptions | undefined
  /** Size of the frames that the graph of a policy's camera takes. Default: the square of the model's images. */
  readonly camera?: FrameSize | undefined
}

/**
 * Write the files that describe a model into an existing folder, each whole or not at all. `readBundle` reads the
 * folder when weights are beside them, or under `checkpoints/` as in a run.
 * @throws CheckpointError of {@link requireOneModel}.
 */
export function writeModelFiles(
  directory: string,
  description: ModelDescription,
  { families, dtype }: ModelFilesOptions = {},
): void {
  requireOneModel(description, directory, families)
  const { model, tokenizer, image } = description
  const contents: Record<keyof typeof descriptionFiles, object> = {
    config: modelConfig(model, families, dtype),
    tokenizer: tokenizer.json,
    // Hugging Face's clients cut texts to this length.
    tokenizerConfig: { ...tokenizer.config, model_max_length: model.inputs.text.length },
    preprocessor: preprocessorConfig(image),
  }
  for (const [key, content] of Object.entries(contents)) {
    const name = descriptionFiles[key as keyof typeof contents]
    writeFileAtomic(join(directory, name), `${JSON.stringify(content, undefined, 2)}\n`)
  }
}

/**
 * Write a bundle. Of a dual encoder it is the folder that Hugging Face's libraries read, in Python
 * (`CLIPModel.from_pretrained`) and JavaScript (transformers.js); of any model it is a folder that `readBundle` reads.
 * The folder appears whole or not at all; an existing bundle is replaced. With a `dtype` the weights are rounded to it;
 * the ONNX files compute in float32 with the rounded weights.
 * @throws ConfigError `bundle/not-a-bundle` when the folder holds anything that no export wrote.
 * @throws CheckpointError when the parts do not belong together; `bundle/dtype` for weights beyond the precision;
 * `bundle/statistics` for statistics that are missing or without spread.
 */
export async function writeBundle(
  directory: string,
  bundle: Bundle,
  { families, dtype = 'float32', slots, camera, sparse = false }: BundleOptions = {},
): Promise<void> {
  const target = resolve(directory)
  requireReplaceable(target, isOfBundle)
  requireStatistics(bundle, target)
  const { model, tokenizer, image } = bundle
  const learned = requireFit(bundle.weights, model, target)
  const limited = familyOf(model.config.model_type, families).limitWeights?.(learned) ?? learned
  const { stored, weights } = roundWeights(limited, dtype)
  await writeDirectoryAtomic(target, (temporary) => {
    writeModelFiles(temporary, bundle, { families, dtype })
    const format = { format: 'pt' }
    const content = sparse ? sparseContent(stored, format) : { tensors: stored, metadata: format }
    writeSafetensors(join(temporary, weightsFile), content.tensors, content.metadata)
    if (slots) writeSlots(temporary, model, weights, slots, families)
    for (const [name, bytes] of onnxFiles(model, weights, tokenizer, { families, slots })) {
      writeFileAtomic(join(temporary, 'onnx', `${name}.onnx`), bytes)
    }
    if (isPolicy(model) || isChunkPolicy(model)) writeFrames(temporary, image, camera)
    writeManifest(temporary)
  })
}

/** Write the graph that prepares the frames of a policy's camera. */
export function writeFrames(directory: string, image: ImageProcessing, camera?: FrameSize): void {
  const { size } = image
  const { outputs, symbolicSizes } = framesGraph(image, camera ?? { width: size, height: size })
  const { bytes } = writeOnnx(rewrite(outputs), { symbolicSizes })
  writeFileAtomic(join(directory, 'onnx', `${framesGraphName}.onnx`), bytes)
}

/**
 * Refuse to ship a model whose numbers cannot be brought into units: statistics of its heads or of its images that are missing or
 * degenerate.
 * @throws CheckpointError `bundle/statistics` naming the head or the channel.
 */
export function requireStatistics({ model, image }: ModelDescription, where: string): void {
  const heads = isPolicy(model) ? Object.entries(model.config.heads) : []
  const problems = heads.flatMap(([name, head]) => {
    const problem = statisticProblem(head)
    return problem === undefined ? [] : [`head ${name} ${problem}`]
  })
  if (isChunkPolicy(model)) problems.push(...statisticsProblems(model.config))
  const isSound =
    image.mean.every(Number.isFinite) && image.std.every((std) => std > 0 && Number.isFinite(std))
  const all = [
    ...problems,
    ...(isSound ? [] : [`images have the mean ${image.mean} and the deviation ${image.std}`]),
  ]
  if (all.length === 0) return
  throw new CheckpointError(
    'bundle/statistics',
    `${where} is not written: ${all.join('; ')}. Train with labels that differ, or give mean and scale in the recipe`,
    { where, problems: all },
  )
}

/**
 * Check that the parts belong to one model.
 * @throws CheckpointError naming `where` and the parts that do not agree: `bundle/tokenizer` or `bundle/image-size`.
 */
export function requireOneModel(
  { model, tokenizer, image }: ModelDescription,
  where: string,
  families?: Families,
): void {
  const { config } = model
  const misfit = familyOf(config.model_type, families).misfit({ config, tokenizer, image })
  if (!misfit) return
  const { code, message, facts } = misfit
  throw new CheckpointError(code, `${where}: ${message}`, { where, ...facts })
}

/** Files that a compression writes beside a bundle: its measures and its page. */
export const compressionFiles = { report: 'compression-report.json', page: 'compression.html' } as const

const written = new Set<string>([
  ...[descriptionFiles, compressionFiles].flatMap((files) => Object.values<string>(files)),
  ...[weightsFile, slotsFile, manifestFile, compressionFile],
])

/** Refuse to replace a folder that is no bundle. @throws ConfigError `bundle/not-a-bundle`. */
export const requireReplaceableBundle = (directory: string): void =>
  requireReplaceable(resolve(directory), isOfBundle)

/** Tell a file of a bundle by its path in it. */
export const isOfBundle = (file: string): boolean => written.has(file) || /^onnx\/[^/]+\.onnx$/.test(file)
