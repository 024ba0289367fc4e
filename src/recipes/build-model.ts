import { type Source, Tokenizer, trainBpe } from '../data/index.ts'
import { ClipModel, type DualEncoder, SiglipModel, withVocabulary } from '../models/index.ts'
import type { Experiment } from './experiment.ts'

/** A vocabulary learned from every caption of the training data. */
export async function trainTokenizer(source: Source, config: Experiment): Promise<Tokenizer> {
  const captions: string[] = []
  for await (const sample of source.samples(config.onBadSample === 'skip' ? { onBad: () => {} } : {})) {
    captions.push(...sample.captions)
  }
  const length = config.model.text_config.max_position_embeddings
  const files = trainBpe(captions, { vocabularySize: config.tokenizer.vocabularySize, length })
  return Tokenizer.fromJson(files.json, files.config)
}

/** The recipe's model for the texts of this tokenizer. */
export function buildModel({ model, recompute }: Experiment, tokenizer: Tokenizer): DualEncoder {
  if (model.model_type === 'clip') return new ClipModel(withVocabulary(model, tokenizer), { recompute })
  const text_config = {
    ...model.text_config,
    vocab_size: tokenizer.vocabularySize,
    pad_token_id: tokenizer.padId,
  }
  return new SiglipModel({ ...model, text_config }, { recompute })
}
