import { limitScale } from '../dual-encoder.ts'
import { dualEncoderGraphs } from '../dual-encoder-graphs.ts'
import type { Family } from '../family.ts'
import { parseConfig } from '../parse-config.ts'
import { bertConfig } from '../towers/bert/config.ts'
import { imageSizeMisfit, paddingMisfit, takeTowers, vocabularyMisfit } from '../towers/paired-towers.ts'
import { type VisionTextConfig, visionTextConfig } from './config.ts'
import { TextPart, VisionTextModel, visionTextInputs } from './vision-text-model.ts'

/** The row of Hugging Face's `VisionTextDualEncoderModel`. */
export const visionTextFamily: Family<VisionTextConfig, VisionTextModel> = {
  schema: visionTextConfig,
  architecture: 'VisionTextDualEncoderModel',
  imageProcessor: 'CLIPImageProcessor',
  towers: {
    name: 'vision-text-dual-encoder',
    refusal: 'a vision-text-dual-encoder model has the towers of another family',
    take(config, base) {
      const { projection_dim, text_pooling, text_length } = base as VisionTextConfig
      const own = { projection_dim, text_pooling, text_length }
      return { ...takeTowers(config, base as VisionTextConfig), ...own }
    },
  },
  textTower: {
    schema: bertConfig,
    take: (config, text_config) => parseConfig(visionTextConfig, { ...config, text_config }),
    part: (config) => new TextPart(config),
    parameterOf: (tensor) => `text_model.${currentName(tensor.replace(/^bert\./, ''))}`,
  },
  objective: 'contrastive',
  build: (config) => new VisionTextModel(config),
  inputs: visionTextInputs,
  withVocabulary: (config, { vocabularySize: vocab_size, padId: pad_token_id }) => ({
    ...config,
    text_config: { ...config.text_config, vocab_size, pad_token_id },
  }),
  misfit: (parts) => vocabularyMisfit(parts) ?? paddingMisfit(parts) ?? imageSizeMisfit(parts),
  parameterOf: (tensor) => currentName(tensor.replace(/^vision_model\.vision_model\./, 'vision_model.')),
  configFile: (config) => config,
  // No file takes an `attention_mask`: padding is told by its id.
  graphs: (model, tokens) =>
    dualEncoderGraphs(model, tokens, {
      freeLength: true,
      textOutput: 'text_embeds',
      imageOutput: 'image_embeds',
    }),
  limitWeights: limitScale,
}

/** Today's name of a parameter: files from TensorFlow's time call weight and bias of a norm `gamma` and `beta`. */
const currentName = (tensor: string): string =>
  tensor.replace(/LayerNorm\.gamma$/, 'LayerNorm.weight').replace(/LayerNorm\.beta$/, 'LayerNorm.bias')
