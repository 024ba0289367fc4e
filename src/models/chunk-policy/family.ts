import { ConfigError } from '../../core/index.ts'
import type { Family, Misfit, ModelConfig, ModelParts } from '../family.ts'
import { clipTextConfig, clipVisionConfig } from '../towers/config.ts'
import { withVocabulary } from '../towers/paired-towers.ts'
import { chunkGraph } from './chunk-graph.ts'
import { ChunkPolicyModel, chunkInputs } from './chunk-policy-model.ts'
import { actsInChunks, type ChunkPolicyConfig, chunkPolicyConfig } from './config.ts'
import { withData } from './fit-data.ts'

/** The row of policies that act in chunks. */
export const chunkPolicyFamily: Family<ChunkPolicyConfig, ChunkPolicyModel> = {
  schema: chunkPolicyConfig,
  architecture: 'VisuomotorChunkPolicy',
  towers: {
    name: 'clip',
    refusal:
      "the towers of a policy that acts in chunks are CLIP's, or those of such a policy; begin with a clip model or a chunk_policy",
    take: onBase,
  },
  objective: 'behaviorCloning',
  build: (config) => new ChunkPolicyModel(config),
  inputs: chunkInputs,
  withVocabulary: (config, tokenizer) => {
    const { text_config } = config
    return text_config ? { ...config, ...withVocabulary({ text_config }, tokenizer) } : config
  },
  complete: async (config, source) => withData(config, source),
  misfit: (parts) => textMisfit(parts) ?? imageMisfit(parts),
  configFile: (config) => config,
  graphs: chunkGraph,
}

/** The config with the towers of a base: CLIP's of a dual encoder, or all sizes of a policy that acts in chunks. */
function onBase(config: ChunkPolicyConfig, base: ModelConfig): ChunkPolicyConfig {
  if (actsInChunks(base)) {
    const { cameras, statistics, state_names, action_names, ...sizes } = base
    return { ...sizes, cameras: config.cameras, statistics: config.statistics, state_names, action_names }
  }
  const { vision_config, text_config } = base as ModelConfig & Record<'vision_config' | 'text_config', object>
  const { heads = {}, ...eyes } = base as Partial<
    Pick<ChunkPolicyConfig, 'fusion_config' | 'glances' | 'shared_size'> & {
      readonly heads: ChunkPolicyConfig['glance_heads']
    }
  >
  const { fusion_config, glances, shared_size } = config.fusion_config ? { ...config, ...eyes } : config
  if (config.vision_config.kind === 'resnet18')
    throw new ConfigError(
      'model/config',
      `a ${base.model_type} model brings a ViT: give the policy one (model.vision_config.kind: vit)`,
      { base: base.model_type },
    )
  return {
    ...config,
    vision_config: { kind: 'vit', ...clipVisionConfig.parse(vision_config) },
    text_config: config.text_config && clipTextConfig.parse(text_config),
    fusion_config,
    glances,
    shared_size,
    glance_heads: Object.fromEntries(
      Object.entries(config.glance_heads).map(([name, head]) => [name, heads[name] ?? head]),
    ),
  }
}

function textMisfit({
  config: { text_config },
  tokenizer,
}: ModelParts<ChunkPolicyConfig>): Misfit | undefined {
  if (!text_config || tokenizer.vocabularySize <= text_config.vocab_size) return undefined
  const { vocab_size } = text_config
  const message = `the tokenizer has ${tokenizer.vocabularySize} tokens, but text_config.vocab_size is ${vocab_size}`
  return { code: 'bundle/tokenizer', message, facts: { vocab_size } }
}

function imageMisfit({ config, image }: ModelParts<ChunkPolicyConfig>): Misfit | undefined {
  const { image_size } = config.vision_config
  if (config.cameras.length === 0 || image.size === image_size) return undefined
  const message = `images are prepared at ${image.size} pixels, but vision_config.image_size is ${image_size}`
  return { code: 'bundle/image-size', message, facts: { size: image.size } }
}
