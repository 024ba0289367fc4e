import { z } from 'zod'
import { CheckpointError, didYouMean } from '../../core/index.ts'
import { type ChunkPolicyConfig, chunkKeys, chunkPolicyConfig } from '../../models/index.ts'
import { parseFile } from '../json-file.ts'

const feature = z.object({ type: z.string(), shape: z.array(z.int().positive()) })

const features = z.record(z.string(), feature)

const mode = z.string().default('MEAN_STD')

/** The keys of LeRobot's `ACTConfig` that decide what a policy computes. */
const actConfig = z.object({
  type: z.literal('act'),
  n_obs_steps: z.literal(1, 'a policy here sees the present observation only, as ACT does: 1').default(1),
  input_features: features,
  output_features: features,
  normalization_mapping: z.object({ VISUAL: mode, STATE: mode, ACTION: mode }).prefault({}),
  chunk_size: z.int().positive().default(100),
  n_action_steps: z.int().positive().default(100),
  vision_backbone: z.literal('resnet18').default('resnet18'),
  replace_final_stride_with_dilation: z.union([z.literal(0), z.literal(false)]).default(0),
  pre_norm: z.boolean().default(false),
  dim_model: z.int().positive().default(512),
  n_heads: z.int().positive().default(8),
  dim_feedforward: z.int().positive().default(3200),
  feedforward_activation: z.enum(['relu', 'gelu']).default('relu'),
  n_encoder_layers: z.int().positive().default(4),
  n_decoder_layers: z.int().positive().default(1),
  use_vae: z.boolean().default(true),
  latent_dim: z.int().positive().default(32),
  n_vae_encoder_layers: z.int().positive().default(4),
  temporal_ensemble_coeff: z.number().nullable().default(null),
  dropout: z.number().default(0.1),
  kl_weight: z.number().default(10),
})

type ActConfig = z.infer<typeof actConfig>

/** Types of LeRobot's policies, for an error that knows what it has before it. */
const otherTypes = [
  'diffusion',
  'groot',
  'pi0',
  'pi05',
  'pi0_fast',
  'sac',
  'smolvla',
  'tdmpc',
  'vqbet',
  'xvla',
]

/** Tell the `config.json` of a policy of LeRobot. */
export const isLeRobotConfig = (content: unknown): boolean =>
  typeof content === 'object' && content !== null && 'type' in content && !('model_type' in content)

/** The config of one of LeRobot's policies, and what its pictures are normalized by. */
export interface LeRobotPolicy {
  readonly config: ChunkPolicyConfig
  /** Rule of its pictures. */
  readonly visual: string
  /** Height and width of its pictures. */
  readonly picture: readonly [height: number, width: number]
}

/**
 * The config of LeRobot's ACT in our keys, without statistics.
 * @throws CheckpointError `bundle/model-type` for another type of policy; `bundle/config` naming each key that cannot be carried over.
 */
export function fromActConfig(content: unknown, file: string): LeRobotPolicy {
  const { type } = content as { readonly type: unknown }
  if (type !== 'act') throw otherType(type, file)
  const act = parseFile(actConfig, content, file, 'bundle/config')
  const cameras = keysOf(act.input_features, 'VISUAL')
  requireCarried(act, cameras, file)
  const [, height = 224, width = 224] = act.input_features[cameras[0] ?? '']?.shape ?? []
  const side = Math.max(height, width)
  const { use_vae, input_features, output_features, normalization_mapping, ...rest } = act
  const config = {
    ...rest,
    head: use_vae ? 'act' : 'l1',
    cameras,
    vision_config: { kind: 'resnet18', image_size: side, ...(height !== width && { crop: [height, width] }) },
    state_size: input_features[chunkKeys.state]?.shape[0] ?? 0,
    action_size: output_features[chunkKeys.action]!.shape[0],
    normalization_mapping,
    degenerate_statistics: 'epsilon',
  }
  return {
    config: parseFile(chunkPolicyConfig, config, file, 'bundle/config'),
    visual: normalization_mapping.VISUAL,
    picture: [height, width],
  }
}

const keysOf = (of: ActConfig['input_features'], type: string): string[] =>
  Object.entries(of).flatMap(([key, each]) => (each.type === type ? [key] : []))

function otherType(type: unknown, file: string): CheckpointError {
  const what = typeof type === 'string' ? `'${type}'` : JSON.stringify(type)
  const known = otherTypes.includes(String(type)) ? '' : didYouMean(String(type), ['act'])
  return new CheckpointError(
    'bundle/model-type',
    `${file}: type is ${what}, a policy of LeRobot of which only 'act' is read${known}`,
    { file, type },
  )
}

/** Refuse inputs and outputs that our policy does not have. */
function requireCarried(act: ActConfig, cameras: readonly string[], file: string): void {
  const known = [...cameras, chunkKeys.state]
  const inputs = Object.keys(act.input_features).filter((key) => !known.includes(key))
  const outputs = Object.keys(act.output_features).filter((key) => key !== chunkKeys.action)
  const shapes = new Set(cameras.map((key) => `${act.input_features[key]!.shape}`))
  const problems = [
    ...inputs.map((key) => `the input '${key}' is not one of a camera or the state`),
    ...outputs.map((key) => `the output '${key}' is not the action`),
    ...(act.output_features[chunkKeys.action] ? [] : ["there is no output 'action'"]),
    ...(shapes.size > 1 ? [`pictures have several shapes: ${[...shapes].join(' and ')}`] : []),
  ]
  if (problems.length === 0) return
  throw new CheckpointError('bundle/config', `${file}: ${problems.join('; ')}`, { file, problems })
}

/**
 * The content of LeRobot's `config.json` for a policy.
 * @throws CheckpointError `bundle/config` naming each key of a policy that is no ACT.
 */
export function toActConfig(config: ChunkPolicyConfig, where: string): object {
  const { vision_config, cameras, state_size, action_size, head, n_action_steps } = config
  const problems = [
    ...(head === 'flow' ? ['head is flow'] : []),
    ...(config.text_config ? ['it reads commands (text_config)'] : []),
    ...(config.fusion_config ? ['it glances at pictures (fusion_config)'] : []),
    ...(cameras.length > 1 && !config.shared_tower ? ['each camera has its own tower (shared_tower)'] : []),
    ...(vision_config.kind === 'resnet18' && vision_config.width === 64
      ? []
      : ['its image tower is not a ResNet-18 of width 64']),
    ...(['relu', 'gelu'].includes(config.feedforward_activation)
      ? []
      : ['feedforward_activation is neither relu nor gelu']),
  ]
  if (problems.length > 0)
    throw new CheckpointError(
      'bundle/config',
      `${where} is not written, since LeRobot's ACT has no such policy: ${problems.join('; ')}`,
      {
        where,
        problems,
      },
    )
  const { image_size, num_channels } = vision_config
  const crop = 'crop' in vision_config ? vision_config.crop : undefined
  const picture = { type: 'VISUAL', shape: [num_channels, ...(crop ?? [image_size, image_size])] }
  return {
    type: 'act',
    n_obs_steps: 1,
    input_features: {
      ...(state_size > 0 && { [chunkKeys.state]: { type: 'STATE', shape: [state_size] } }),
      ...Object.fromEntries(cameras.map((name) => [name, picture])),
    },
    output_features: { [chunkKeys.action]: { type: 'ACTION', shape: [action_size] } },
    device: 'cpu',
    use_amp: false,
    push_to_hub: false,
    normalization_mapping: { VISUAL: 'MEAN_STD', ...config.normalization_mapping },
    chunk_size: config.chunk_size,
    n_action_steps: n_action_steps ?? config.chunk_size,
    vision_backbone: 'resnet18',
    pretrained_backbone_weights: null,
    replace_final_stride_with_dilation: false,
    use_vae: head === 'act',
    ...Object.fromEntries(sharedKeys.map((key) => [key, config[key]])),
  }
}

/** Keys of the transformer, which both configs have. */
const sharedKeys = [
  'pre_norm',
  'dim_model',
  'n_heads',
  'dim_feedforward',
  'feedforward_activation',
  'n_encoder_layers',
  'n_decoder_layers',
  'latent_dim',
  'n_vae_encoder_layers',
  'temporal_ensemble_coeff',
  'dropout',
  'kl_weight',
] as const satisfies readonly (keyof ChunkPolicyConfig)[]
