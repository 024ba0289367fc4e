import type { z } from 'zod'
import type { ErrorCode, HostArray } from '../core/index.ts'
import type { Source } from '../data/source.ts'
import type { Module } from '../nn/index.ts'
import type { EndTokens, ExportedGraphs } from './exported-graphs.ts'
import type { Pruned } from './pruned.ts'

/** The content of a `config.json`, as the schema of its family gives it. */
export interface ModelConfig {
  readonly model_type: string
  /** Removed parts of the model that the other keys do not say: see `prune`. Default: it is whole. */
  readonly pruned?: Pruned | undefined
}

/** Inputs of a model. */
export interface ModelInputs {
  /**
   * `size` is the side of the square image in pixels, `patch` the side of the squares that it is cut into; undefined for
   * a model without patches.
   */
  readonly image: { readonly size: number; readonly channels: number; readonly patch?: number }
  /** `length` is the largest number of tokens, the start and end tokens included. */
  readonly text: { readonly length: number }
}

/** A model that a recipe can train and a bundle can hold. `isDualEncoder` and `isPolicy` tell the kinds apart. */
export interface Model extends Module {
  readonly config: ModelConfig
  readonly inputs: ModelInputs
}

/** The ids of a tokenizer that a model must know. */
export interface Vocabulary {
  readonly vocabularySize: number
  readonly startId: number | undefined
  readonly endId: number | undefined
  readonly padId: number
}

/** The parts that make a model usable, for a check that they belong together. */
export interface ModelParts<Config> {
  readonly config: Config
  readonly tokenizer: Pick<Vocabulary, 'vocabularySize' | 'endId' | 'padId'>
  /** `size` is the side in pixels to which images are prepared. */
  readonly image: { readonly size: number }
}

/** A disagreement between the parts of a model; becomes an error that names the place. */
export interface Misfit {
  /** Code of the error, such as `bundle/tokenizer`. */
  readonly code: ErrorCode
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** Values of parameters by name. */
export type ParameterValues = ReadonlyMap<string, HostArray<'float32'>>

/** The towers of a family: a model begins with the weights of any other whose towers have the same name. */
export interface FamilyTowers<Config extends ModelConfig> {
  readonly name: string
  /** End of the sentence "base: <folder> is a <family> model, but …", for a base with other towers. */
  readonly refusal: string
  /** The config with the towers of `base`, whose family names the same towers. */
  take(config: Config, base: ModelConfig): Config
}

/** A text tower that a model takes with its weights from a folder of its own. */
export interface PretrainedTextTower<Config, TowerConfig = unknown> {
  /** Schema of the `config.json` of such a folder. */
  readonly schema: z.ZodType<TowerConfig>
  /** The config with this tower. @throws ConfigError `model/config` for one that does not fit. */
  take(config: Config, tower: TowerConfig): Config
  /** The tower of a config alone, at its paths in the model. */
  part(config: Config): Module
  /** The parameter of the model that a tensor of the folder's weights belongs to. */
  parameterOf(tensor: string): string
}

/**
 * A model family: one row of the table of families. Code outside a row never asks which family it has.
 *
 * @typeParam Config Output of `schema`; its `model_type` is the family's name.
 */
export interface Family<Config extends ModelConfig = ModelConfig, M extends Model = Model> {
  /** Schema of `config.json`. Unknown keys are dropped: `architectures` and `dtype` stand there too. */
  readonly schema: z.ZodType<Config>
  /** The name of the model's class in `config.json`, such as `CLIPModel`. */
  readonly architecture: string
  /** The content of a `config.json` of an older form under today's keys. Default: there is no older form. */
  fromOlderForm?(content: object): object
  /** Class of image processors in Hugging Face's library, for folders that name none. Default: they are refused. */
  readonly imageProcessor?: string
  readonly towers: FamilyTowers<Config>
  /** Text towers that are taken from folders of their own. Default: none can. */
  readonly textTower?: PretrainedTextTower<Config>
  /** The objective by which a bundle is judged where no recipe says otherwise. */
  readonly objective: string
  /** The model of a config, without weights. */
  build(config: Config): M
  /** Inputs of a model with this config; the model's own `inputs` are the same. */
  inputs(config: Config): ModelInputs
  /** The config for texts of this tokenizer. */
  withVocabulary(config: Config, tokenizer: Vocabulary): Config
  /**
   * The config with the values that only training data can give.
   * @throws ConfigError when the data does not give them.
   */
  complete?(
    config: Config,
    training: Pick<
      Source,
      'name' | 'samples' | 'classNames' | 'labels' | 'arrays' | 'cameras' | 'statistics'
    >,
    options: SurveyOptions,
  ): Promise<Config>
  /** The first disagreement; undefined when the parts are of one model. */
  misfit(parts: ModelParts<Config>): Misfit | undefined
  /** The parameter that a tensor of a file of weights belongs to, for files of other versions. Default: of its name. */
  parameterOf?(tensor: string): string
  /** The content of `config.json`, without `architectures` and `dtype`. */
  configFile(config: Config): object
  /** The graphs of the ONNX files by name, for texts that end and are filled with these tokens. */
  graphs(model: M, tokens: EndTokens): ExportedGraphs
  /** Weights as a bundle holds them. Default: as they were learned. */
  limitWeights?(weights: ParameterValues): ParameterValues
}

/** Options for reading the training data before training. */
export interface SurveyOptions {
  /** Action for samples that cannot be used. Default: fail. */
  readonly onBad?: () => void
}

/** Families by `model_type`. */
export type Families = Readonly<Record<string, Family>>
