import { limitScale } from '../dual-encoder.ts'
import { dualEncoderGraphs } from '../dual-encoder-graphs.ts'
import type { Family } from '../family.ts'
import {
  describedTowers,
  endTokenMisfit,
  imageSizeMisfit,
  pairedInputs,
  takeTowers,
  vocabularyMisfit,
  withVocabulary,
} from '../towers/paired-towers.ts'
import { ClipModel } from './clip-model.ts'
import { type ClipConfig, clipConfig } from './config.ts'

/** A config of 2022, whose towers stand under `text_config_dict` and `vision_config_dict`, which win as in Python. */
function fromOlderForm(content: object): object {
  const { text_config_dict, vision_config_dict, ...config } = content as Record<string, unknown>
  return {
    ...config,
    ...(text_config_dict != null && { text_config: text_config_dict }),
    ...(vision_config_dict != null && { vision_config: vision_config_dict }),
  }
}

/** The row of Hugging Face's `CLIPModel`. */
export const clipFamily: Family<ClipConfig, ClipModel> = {
  schema: clipConfig,
  architecture: 'CLIPModel',
  fromOlderForm,
  imageProcessor: 'CLIPImageProcessor',
  towers: {
    name: 'clip',
    refusal: 'a clip model has the towers of another family',
    // The projections are weights too: of a base that has them they are taken over, with their width.
    take(config, base) {
      const { projection_dim = config.projection_dim } = base as Partial<ClipConfig>
      return { ...takeTowers(config, base as ClipConfig), projection_dim }
    },
  },
  objective: 'contrastive',
  build: (config) => new ClipModel(config),
  inputs: pairedInputs,
  withVocabulary,
  misfit: (parts) => vocabularyMisfit(parts) ?? endTokenMisfit(parts) ?? imageSizeMisfit(parts),
  // `CLIPTextModelWithProjection` and its vision twin read the projection's width in their own part.
  configFile: (config) => ({
    ...config,
    ...describedTowers(config, 'clip', { projection_dim: config.projection_dim }),
  }),
  // No file takes an `attention_mask`: the end token sees nothing of what follows it.
  graphs: (model, tokens) =>
    dualEncoderGraphs(model, tokens, {
      freeLength: true,
      textOutput: 'text_embeds',
      imageOutput: 'image_embeds',
    }),
  limitWeights: limitScale,
}
