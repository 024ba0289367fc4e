import { dualEncoderGraphs } from '../dual-encoder-graphs.ts'
import type { Family } from '../family.ts'
import {
  describedTowers,
  imageSizeMisfit,
  pairedInputs,
  takeTowers,
  vocabularyMisfit,
} from '../towers/paired-towers.ts'
import { type SiglipConfig, siglipConfig } from './config.ts'
import { SiglipModel } from './siglip-model.ts'

/** The row of Hugging Face's `SiglipModel`. */
export const siglipFamily: Family<SiglipConfig, SiglipModel> = {
  schema: siglipConfig,
  architecture: 'SiglipModel',
  imageProcessor: 'SiglipImageProcessor',
  towers: {
    name: 'siglip',
    refusal: 'a siglip model has the towers of another family',
    take: (config, base) => takeTowers(config, base as SiglipConfig),
  },
  objective: 'contrastive',
  build: (config) => new SiglipModel(config),
  inputs: pairedInputs,
  withVocabulary: (config, { vocabularySize: vocab_size, padId: pad_token_id }) => ({
    ...config,
    text_config: { ...config.text_config, vocab_size, pad_token_id },
  }),
  misfit: (parts) => vocabularyMisfit(parts) ?? imageSizeMisfit(parts),
  configFile: (config) => ({ ...config, ...describedTowers(config, 'siglip') }),
  // The feature is read at the last token, and every token sees all of them: texts have their full length.
  graphs: (model, tokens) =>
    dualEncoderGraphs(model, tokens, {
      freeLength: false,
      textOutput: 'pooler_output',
      imageOutput: 'pooler_output',
    }),
}
