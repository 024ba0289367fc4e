import { limitScale } from '../dual-encoder.ts'
import type { Family } from '../family.ts'
import { parseConfig } from '../parse-config.ts'
import {
  describedTowers,
  endTokenMisfit,
  imageSizeMisfit,
  pairedInputs,
  takeTowers,
  vocabularyMisfit,
  withVocabulary,
} from '../towers/paired-towers.ts'
import { type VlmConfig, vlmConfig } from './config.ts'
import { vlmGraphs } from './vlm-graphs.ts'
import { VlmModel } from './vlm-model.ts'

/** The row of models with CLIP's towers that may reconstruct what is masked and write captions. */
export const vlmFamily: Family<VlmConfig, VlmModel> = {
  schema: vlmConfig,
  architecture: 'VisuomotorVlm',
  imageProcessor: 'CLIPImageProcessor',
  towers: {
    name: 'clip',
    refusal:
      "the towers of a visuomotor_vlm model are CLIP's; begin with a clip model, a policy or a visuomotor_vlm",
    take: onBase,
  },
  objective: 'contrastive',
  build: (config) => new VlmModel(config),
  inputs: pairedInputs,
  withVocabulary,
  misfit: (parts) => vocabularyMisfit(parts) ?? endTokenMisfit(parts) ?? imageSizeMisfit(parts),
  configFile: (config) => ({
    ...config,
    ...describedTowers(config, 'clip', { projection_dim: config.projection_dim }),
  }),
  graphs: vlmGraphs,
  limitWeights: limitScale,
}

/** The config with the towers of a base, its projections, and the sizes of the parts that both have. */
function onBase(config: VlmConfig, base: object): VlmConfig {
  const { projection_dim = config.projection_dim, masked_config, decoder_config } = base as Partial<VlmConfig>
  const { masked_config: ownMasks, decoder_config: ownDecoder } = config
  const towers = takeTowers(config, base as VlmConfig)
  // The tokens are the tokenizer's: OpenAI's CLIPs name others in their configs.
  const { bos_token_id, eos_token_id, pad_token_id } = config.text_config
  return parseConfig(vlmConfig, {
    ...towers,
    text_config: { ...towers.text_config, bos_token_id, eos_token_id, pad_token_id },
    projection_dim,
    masked_config: ownMasks && masked_config ? { ...ownMasks, ...sizesOf(masked_config) } : ownMasks,
    decoder_config: ownDecoder && decoder_config ? { ...ownDecoder, ...sizesOf(decoder_config) } : ownDecoder,
  })
}

/** The keys of a transformer that decide the shapes of its weights, and what they compute. */
const sizesOf = ({
  hidden_size,
  intermediate_size,
  num_hidden_layers,
  num_attention_heads,
  hidden_act,
  layer_norm_eps,
}: NonNullable<VlmConfig['decoder_config']>) => ({
  hidden_size,
  intermediate_size,
  num_hidden_layers,
  num_attention_heads,
  hidden_act,
  layer_norm_eps,
})
