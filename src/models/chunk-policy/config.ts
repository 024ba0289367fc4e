import { z } from 'zod'
import { activationNames } from '../../nn/index.ts'
import type { ModelConfig } from '../family.ts'
import { fusionConfig, headConfigs } from '../policy/config.ts'
import { dropRate } from '../policy/heads/keys.ts'
import { clipTextConfig, clipVisionConfig, count } from '../towers/config.ts'

/** Keys under which batches hold what a robot feels and does, as in LeRobot's data sets. */
export const chunkKeys = { state: 'observation.state', action: 'action', isPad: 'action_is_pad' } as const

/** Rules that bring numbers into the range in which a policy learns, as LeRobot names them. */
export const normalizationModes = ['IDENTITY', 'MEAN_STD', 'MIN_MAX', 'QUANTILES'] as const

const numbers = z.array(z.number()).readonly()

const statistics = z.object({
  min: numbers,
  max: numbers,
  mean: numbers,
  std: numbers,
  q01: numbers.optional(),
  q99: numbers.optional(),
})

/** Image tower: a ViT as CLIP's, or a ResNet-18 as torchvision's, whose first layer has `width` channels. */
const visionConfig = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('resnet18'),
    width: count.default(64),
    num_channels: count.default(3),
    image_size: count.default(224),
    /** Height and width of the middle of the square that the tower sees. Default: all of it. */
    crop: z.tuple([count, count]).optional(),
  }),
  z.object({ kind: z.literal('vit'), ...clipVisionConfig.shape }),
])

/**
 * Keys of the config of a policy that acts in chunks. Those of the transformer are LeRobot's `ACTConfig`'s, with its defaults.
 */
export const chunkPolicyConfig = z
  .object({
    model_type: z.literal('chunk_policy').default('chunk_policy'),
    /**
     * Way to a chunk of actions. `l1`: the median, by L1 regression. `act`: the decoder of a conditional variational autoencoder
     * (Zhao et al. 2023). `flow`: conditional flow matching (Lipman et al. 2023) as in π0 and SmolVLA.
     */
    head: z.enum(['l1', 'act', 'flow']).default('act'),
    /** Names of the cameras, in the order in which batches hold them. */
    cameras: z.array(z.string().min(1)),
    /** True where one image tower sees the pictures of all cameras. */
    shared_tower: z.boolean().default(true),
    /**
     * Layers in which the command's words attend to the first camera's picture, as in one-shot policies, before glances read it; the
     * actions begin with what they find: see `Glances`. Null for none, as in ACT.
     */
    fusion_config: fusionConfig.nullable().default(null),
    glances: count.default(2),
    shared_size: count.default(256),
    /**
     * Heads of a one-shot policy by name, whose answers to the glances the actions begin with: where the hand takes a thing is
     * learned from more scenes than anybody demonstrates. Their labels are not read: they learn with the actions.
     */
    glance_heads: headConfigs.default({}),
    vision_config: visionConfig.prefault({ kind: 'resnet18' }),
    /** Tower for the words of the command; null for a policy without commands. */
    text_config: clipTextConfig.nullable().default(null),
    /** Numbers of `observation.state`; 0 for none. */
    state_size: z.int().nonnegative(),
    /** Numbers of `action`. */
    action_size: count,
    /** Names of these numbers, such as joints, where they are known. */
    state_names: z.array(z.string()).nullable().default(null),
    action_names: z.array(z.string()).nullable().default(null),
    /** Steps of an observation. */
    n_obs_steps: z.literal(1, 'a policy here sees the present observation only, as ACT does: 1').default(1),
    /** Actions of a chunk. */
    chunk_size: count.default(100),
    /** Actions of a chunk that are carried out before the next one is asked for. Default: all. */
    n_action_steps: count.optional(),
    /** Coefficient m of temporal ensembling, whose weights are exp(−m·i), the oldest first; null for none. ACT's is 0.01. */
    temporal_ensemble_coeff: z.number().nullable().default(null),
    /** Normalization of states and of actions. */
    normalization_mapping: z
      .object({
        STATE: z.enum(normalizationModes).default('MEAN_STD'),
        ACTION: z.enum(normalizationModes).default('MEAN_STD'),
      })
      .prefault({}),
    /** Numbers without spread: an error, or divided by LeRobot's 1e-8. */
    degenerate_statistics: z.enum(['error', 'epsilon']).default('error'),
    /** Statistics of the training data by key; filled in before training. */
    statistics: z.record(z.string(), statistics).default({}),
    dim_model: count.default(512),
    n_heads: count.default(8),
    dim_feedforward: count.default(3200),
    feedforward_activation: z.enum(activationNames).default('relu'),
    n_encoder_layers: count.default(4),
    n_decoder_layers: count.default(1),
    pre_norm: z.boolean().default(false),
    dropout: dropRate.default(0.1),
    /** Width of the latent of `act`, depth of the encoder that sees the actions, weight of its divergence. */
    latent_dim: count.default(32),
    n_vae_encoder_layers: count.default(4),
    kl_weight: z.number().nonnegative().default(10),
    /** Euler steps of `flow` from noise to actions. */
    num_steps: count.default(10),
  })
  .superRefine((config, { addIssue }) => {
    for (const [path, message] of misfits(config)) addIssue({ code: 'custom', path: [path], message })
  })

export type ChunkPolicyConfig = z.infer<typeof chunkPolicyConfig>

/** The keys that must fit each other. */
interface Checked {
  readonly cameras: readonly string[]
  readonly fusion_config: object | null
  readonly glance_heads: object
  readonly text_config: object | null
  readonly state_size: number
  readonly action_size: number
  readonly state_names: readonly string[] | null
  readonly action_names: readonly string[] | null
  readonly chunk_size: number
  readonly n_action_steps?: number | undefined
  readonly temporal_ensemble_coeff: number | null
  readonly dim_model: number
  readonly n_heads: number
}

function* misfits(config: Checked): Generator<[path: string, message: string]> {
  const { cameras, chunk_size, n_action_steps = chunk_size, dim_model, n_heads } = config
  if (new Set(cameras).size < cameras.length) yield ['cameras', 'each name once']
  if (cameras.length === 0 && config.state_size === 0)
    yield ['cameras', 'a policy sees by cameras or feels a state; name one of them']
  if (config.fusion_config && (cameras.length === 0 || !config.text_config))
    yield ['fusion_config', 'glances need a camera and a command (text_config)']
  if (!config.fusion_config && Object.keys(config.glance_heads).length > 0)
    yield ['glance_heads', 'they read what glances find: give it some (fusion_config)']
  for (const of of ['state', 'action'] as const) {
    const names = config[`${of}_names`]
    const size = config[`${of}_size`]
    if (names && names.length !== size) yield [`${of}_names`, `${names.length} names for ${size} numbers`]
  }
  if (n_action_steps > chunk_size)
    yield ['n_action_steps', `${n_action_steps} steps are more than the ${chunk_size} actions of a chunk`]
  if (config.temporal_ensemble_coeff !== null && n_action_steps !== 1)
    yield ['n_action_steps', 'temporal ensembling asks the policy at every step: it must be 1']
  if (dim_model % n_heads !== 0) yield ['n_heads', `${n_heads} does not divide dim_model ${dim_model}`]
  if (dim_model % 4 !== 0) yield ['dim_model', 'sine and cosine of row and column need a multiple of 4']
}

/** Tell a config of a policy that acts in chunks. */
export const actsInChunks = (config: ModelConfig): config is ChunkPolicyConfig =>
  config.model_type === 'chunk_policy'
