import type { z } from 'zod'
import type { ActivationName } from '../../nn/index.ts'
import { parseConfig } from '../parse-config.ts'
import { type TowerSizes, transformerSizes } from '../towers/tower-sizes.ts'
import { type ChunkPolicyConfig, chunkPolicyConfig } from './config.ts'

type Keys = z.input<typeof chunkPolicyConfig>

/** Sizes of a policy that acts in chunks. */
export interface ChunkPolicyOptions {
  /** Way to a chunk of actions. Default `act`. */
  readonly head?: ChunkPolicyConfig['head']
  /** Names of the cameras, in the order of the data. */
  readonly cameras: readonly string[]
  /** Numbers of the robot's state; default 0, none. */
  readonly state?: number
  /** Numbers of an action. */
  readonly action: number
  /** Actions of a chunk. */
  readonly chunk: number
  /** Actions of a chunk that are carried out. Default: all. */
  readonly actionSteps?: number
  /** Coefficient of temporal ensembling; `actionSteps` is then 1. Default: none. */
  readonly temporalEnsemble?: number
  /** Activation of ViT, text tower and fusion. Default `quick_gelu`, CLIP's own. */
  readonly activation?: ActivationName
  /** Image tower: a ViT by its sizes, or a ResNet-18. */
  readonly image:
    | (TowerSizes & { readonly size: number; readonly patch: number })
    | { readonly resnet18: true; readonly size: number; readonly width?: number }
  /** False for an image tower of each camera's own. Default true. */
  readonly sharedTower?: boolean
  /** Layers that lead words to the first camera's picture, which is then glanced at. Default: none, as in ACT. */
  readonly fusion?: TowerSizes
  /** Heads of the one-shot policy that is the recipe's `base`, whose answers the actions begin with. Default: none. */
  readonly glanceHeads?: Keys['glance_heads']
  /** Tower of the command's words. Default: the policy reads no commands. */
  readonly text?: TowerSizes & { readonly length: number }
  /** Sizes of the transformer: its width, heads, layers of encoder and decoder, hidden width. Defaults: ACT's. */
  readonly width?: number
  readonly heads?: number
  readonly hidden?: number
  readonly encoderDepth?: number
  /** Default: 1 as in ACT, 4 for `flow`. */
  readonly decoderDepth?: number
  readonly preNorm?: boolean
  readonly dropout?: number
  /** Normalization of states and actions. Default MEAN_STD. */
  readonly normalization?: Keys['normalization_mapping']
  /** Treatment of numbers without spread. Default: an error. */
  readonly degenerateStatistics?: ChunkPolicyConfig['degenerate_statistics']
  /** Width of the latent of `act`, depth of its encoder of actions, weight of its divergence. Defaults: ACT's, 32, 4 and 10. */
  readonly latent?: number
  readonly latentDepth?: number
  readonly klWeight?: number
  /** Euler steps of `flow`. Default 10. */
  readonly steps?: number
}

/**
 * The config of a policy that acts in chunks, from the sizes that matter; its statistics come from the training data.
 * @throws ConfigError `model/config` for sizes that no model can have.
 */
export function chunkPolicy(options: ChunkPolicyOptions): ChunkPolicyConfig {
  const {
    head,
    image,
    text,
    fusion,
    activation,
    temporalEnsemble,
    actionSteps = temporalEnsemble === undefined ? undefined : 1,
  } = options
  const hidden_act = activation && { hidden_act: activation }
  const content = {
    ...namedSizes(options),
    cameras: [...options.cameras],
    state_size: options.state ?? 0,
    action_size: options.action,
    vision_config:
      'resnet18' in image
        ? { kind: 'resnet18', image_size: image.size, width: image.width }
        : {
            kind: 'vit',
            ...transformerSizes(image),
            ...hidden_act,
            image_size: image.size,
            patch_size: image.patch,
          },
    text_config: text
      ? { ...transformerSizes(text), ...hidden_act, max_position_embeddings: text.length }
      : null,
    fusion_config: fusion ? { ...transformerSizes(fusion), ...hidden_act } : null,
    n_action_steps: actionSteps,
    n_decoder_layers: options.decoderDepth ?? (head === 'flow' ? 4 : 1),
  }
  const given = Object.entries(content).filter(([, value]) => value !== undefined)
  return parseConfig(chunkPolicyConfig, Object.fromEntries(given))
}

const namedSizes = (options: ChunkPolicyOptions) => ({
  head: options.head,
  chunk_size: options.chunk,
  temporal_ensemble_coeff: options.temporalEnsemble,
  shared_tower: options.sharedTower,
  glance_heads: options.glanceHeads,
  dim_model: options.width,
  n_heads: options.heads,
  dim_feedforward: options.hidden,
  n_encoder_layers: options.encoderDepth,
  pre_norm: options.preNorm,
  dropout: options.dropout,
  normalization_mapping: options.normalization,
  degenerate_statistics: options.degenerateStatistics,
  latent_dim: options.latent,
  n_vae_encoder_layers: options.latentDepth,
  kl_weight: options.klWeight,
  num_steps: options.steps,
})
