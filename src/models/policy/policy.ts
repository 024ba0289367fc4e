import type { Tensor } from '../../graph/index.ts'
import type { Drop } from '../../nn/index.ts'
import type { Model, ModelConfig } from '../family.ts'
import type { HeadOutputs } from './head.ts'
import type { HeadConfig } from './heads/index.ts'

/** Outputs of a policy for images and commands. */
export interface PolicyOutputs {
  /** Outputs by the name of the head. */
  readonly heads: Readonly<Record<string, HeadOutputs>>
  /** Scores of the patches for the command: [batch, rows · columns], before their softmax. */
  readonly attention: Tensor
  /** The same of every glance, the first of which is `attention`: [batch, glances, rows · columns]. */
  readonly scores: Tensor
  /** Rows and columns of patches. */
  readonly grid: readonly [rows: number, columns: number]
}

/** The config of a model with heads, by name. */
export interface ConfigWithHeads extends ModelConfig {
  readonly heads: Readonly<Record<string, HeadConfig>>
}

/** A model for imitation: image and command in, values to act on out. */
export interface Policy extends Model {
  readonly config: ConfigWithHeads
  /**
   * @param pixelValues [images, channels, height, width]. With fewer images than commands, each run of
   * batch/images commands is about one image, which is then encoded once for all of them.
   * @param inputIds [batch, length] int64; ids after the first end token are padding.
   * @param drop Dropout in training. Default: none.
   */
  forward(pixelValues: Tensor, inputIds: Tensor, drop?: Drop): PolicyOutputs
}

/** Tell a config of a model with heads, of any family. */
export const hasHeads = (config: ModelConfig): config is ConfigWithHeads => 'heads' in config

/** Tell a model that acts by heads, of any family. */
export const isPolicy = (model: Model): model is Policy => hasHeads(model.config) && 'forward' in model
