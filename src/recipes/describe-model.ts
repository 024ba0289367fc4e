import { DataError } from '../core/index.ts'
import { openSource, type Source, Tokenizer, trainBpe, WordCounts } from '../data/index.ts'
import { type ModelConfig, withVocabulary } from '../models/index.ts'
import type { Experiment } from './experiment.ts'
import { withLabelStatistics } from './label-statistics.ts'
import { requireLabels } from './require-labels.ts'

/** What to do with samples that cannot be used while the data is surveyed: training meets them again. */
const surveyOptions = ({ onBadSample }: Experiment) => (onBadSample === 'skip' ? { onBad: () => {} } : {})

/** @throws DataError `data/empty-source` for a source without a usable sample. */
async function addWords(words: WordCounts, source: Source, config: Experiment): Promise<void> {
  let samples = 0
  for await (const { captions } of source.samples(surveyOptions(config))) {
    words.add(captions)
    samples++
  }
  if (samples > 0) return
  throw new DataError('data/empty-source', `source ${source.name} has no usable samples`, {
    source: source.name,
  })
}

/** A vocabulary learned from every caption of the training data, and of the recipe's `tokenizer.corpus`. */
export async function trainTokenizer(training: Source, config: Experiment): Promise<Tokenizer> {
  const words = new WordCounts()
  for (const source of [training, ...config.tokenizer.corpus.map(openSource)]) {
    await addWords(words, source, config)
  }
  const length = config.model.text_config.max_position_embeddings
  const files = trainBpe(words, { vocabularySize: config.tokenizer.vocabularySize, length })
  return Tokenizer.fromJson(files.json, files.config)
}

/**
 * The recipe's model for the texts of this tokenizer; of a policy also with the units of its labels.
 * @throws ConfigError `config/label` for a head that the training data cannot teach.
 */
export async function describeModel(
  config: Experiment,
  tokenizer: Tokenizer,
  training: Source,
): Promise<ModelConfig> {
  const { model } = config
  if (model.model_type === 'siglip') {
    const { vocabularySize: vocab_size, padId: pad_token_id } = tokenizer
    return { ...model, text_config: { ...model.text_config, vocab_size, pad_token_id } }
  }
  if (model.model_type === 'clip') return withVocabulary(model, tokenizer)
  requireLabels(model, config.objective, training)
  return withLabelStatistics(withVocabulary(model, tokenizer), training, surveyOptions(config))
}
