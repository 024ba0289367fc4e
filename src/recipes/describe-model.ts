import { DataError } from '../core/index.ts'
import { openSource, type Source, Tokenizer, trainBpe, WordCounts } from '../data/index.ts'
import { type Families, familyOf, hasHeads, inputsOf, type ModelConfig } from '../models/index.ts'
import type { Experiment } from './experiment.ts'
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
export async function trainTokenizer(
  training: Source,
  config: Experiment,
  families?: Families,
): Promise<Tokenizer> {
  const words = new WordCounts()
  for (const source of [training, ...config.tokenizer.corpus.map(openSource)]) {
    await addWords(words, source, config)
  }
  const { length } = inputsOf(config.model, families).text
  const files = trainBpe(words, { vocabularySize: config.tokenizer.vocabularySize, length })
  return Tokenizer.fromJson(files.json, files.config)
}

/**
 * The recipe's model for the texts of this tokenizer, with what only the training data can say of it.
 * @param families Those that a recipe may name. Default: the built-in ones.
 * @throws ConfigError `config/label` for a head that the training data cannot teach.
 */
export async function describeModel(
  config: Experiment,
  tokenizer: Tokenizer,
  training: Source,
  families?: Families,
): Promise<ModelConfig> {
  const { model, objective } = config
  if (hasHeads(model)) requireLabels(model, objective, training)
  const family = familyOf(model.model_type, families)
  const described = family.withVocabulary(model, tokenizer)
  return (await family.complete?.(described, training, surveyOptions(config))) ?? described
}
