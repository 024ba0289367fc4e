import type { Tensor } from '../../graph/index.ts'
import type { Model, ModelConfig } from '../family.ts'
import type { Drop } from './dropout.ts'
import type { HeadOutputs } from './head.ts'
import type { HeadConfig } from './heads/index.ts'

/** What a policy makes of images and commands. */
export interface PolicyOutputs {
  /** By the name of the head. */
  readonly heads: Readonly<Record<string, HeadOutputs>>
  /** Where the command points, as scores of the patches: [batch, rows · columns], before their softmax. */
  readonly attention: Tensor
  /** Rows and columns of patches. */
  readonly grid: readonly [rows: number, columns: number]
}

/** The config of a model with heads, by name. */
export interface ConfigWithHeads extends ModelConfig {
  readonly heads: Readonly<Record<string, HeadConfig>>
}

/** A model that sees an image, reads a command, and says what to do in numbers: what imitation needs. */
export interface Policy extends Model {
  readonly config: ConfigWithHeads
  /**
   * @param pixelValues [images, channels, height, width]. With fewer images than commands, batch/images commands in a
   * row are about one image, which is then seen once for all of them.
   * @param inputIds [batch, length] int64; what follows the first end token is padding.
   * @param drop Where training drops numbers. Default: nowhere.
   */
  forward(pixelValues: Tensor, inputIds: Tensor, drop?: Drop): PolicyOutputs
}

/** Whether a config describes a model with heads, whatever its family. */
export const hasHeads = (config: ModelConfig): config is ConfigWithHeads => 'heads' in config

/** Whether a model acts by heads, whatever its family. */
export const isPolicy = (model: Model): model is Policy => hasHeads(model.config) && 'forward' in model
