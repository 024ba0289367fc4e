import { DataError } from '../../core/index.ts'
import { openSource, type Source, Tokenizer, trainBpe, WordCounts } from '../../data/index.ts'
import { inputsOf } from '../../models/index.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'

/** Options of a survey of the data: unusable samples are skipped, since training meets them again. */
export const surveyOptions = ({ batches }: Pick<Recipe, 'batches'>) =>
  batches.onBadSample === 'skip' ? { onBad: () => {} } : {}

/**
 * Count the words of a source.
 * @throws DataError `data/empty-source` for a source without a usable sample.
 */
async function addWords(words: WordCounts, source: Source, recipe: Recipe): Promise<void> {
  let samples = 0
  for await (const { captions } of source.samples(surveyOptions(recipe))) {
    words.add(captions)
    samples++
  }
  if (samples > 0) return
  throw new DataError('data/empty-source', `source ${source.name} has no usable samples`, {
    source: source.name,
  })
}

/** Learn a vocabulary from every caption of the training data and of the recipe's `texts.corpus`. */
export async function trainTokenizer(
  training: Source,
  recipe: Recipe,
  registry: Registry = builtIn,
): Promise<Tokenizer> {
  const words = new WordCounts()
  for (const source of [training, ...recipe.texts.corpus.map((spec) => openSource(spec, registry.sources))])
    await addWords(words, source, recipe)
  const { length } = inputsOf(recipe.model, registry.families).text
  const files = trainBpe(words, { vocabularySize: recipe.texts.vocabularySize, length })
  return Tokenizer.fromJson(files.json, files.config)
}
