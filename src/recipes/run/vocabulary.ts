import { DataError } from '../../core/index.ts'
import {
  LearnedWordsCounter,
  learnedWords,
  openSource,
  type Source,
  Tokenizer,
  textTransformNames,
  textTransforms,
  trainBpe,
  WordCounts,
  withLearnedWords,
  wordsOfTransforms,
} from '../../data/index.ts'
import type { Bundle } from '../../deploy/index.ts'
import { hasHeads, inputsOf } from '../../models/index.ts'
import { builtIn, type Registry } from '../recipe/registry.ts'
import type { Recipe } from '../recipe/schema.ts'

/** Options of a survey of the data: unusable samples are skipped, since training meets them again. */
export const surveyOptions = ({ batches }: Pick<Recipe, 'batches'>) =>
  batches.onBadSample === 'skip' ? { onBad: () => {} } : {}

/** Receiver of the captions of a sample. */
interface Captions {
  add(captions: readonly string[]): void
}

/**
 * Read the captions of a source.
 * @throws DataError `data/empty-source` for a source without a usable sample.
 */
async function readCaptions(source: Source, recipe: Recipe, receivers: readonly Captions[]): Promise<void> {
  let samples = 0
  for await (const { captions } of source.samples(surveyOptions(recipe))) {
    for (const receiver of receivers) receiver.add(captions)
    samples++
  }
  if (samples > 0) return
  throw new DataError('data/empty-source', `source ${source.name} has no usable samples`, {
    source: source.name,
  })
}

/**
 * Learn a vocabulary from every caption of the training data and of the recipe's `texts.corpus`. The words of the
 * training data are recorded as learned.
 */
export async function trainTokenizer(
  training: Source,
  recipe: Recipe,
  registry: Registry = builtIn,
): Promise<Tokenizer> {
  const [counts, learned] = [new WordCounts(), new LearnedWordsCounter()]
  await readCaptions(training, recipe, [counts, learned])
  for (const spec of recipe.texts.corpus) {
    await readCaptions(openSource(spec, registry.sources), recipe, [counts])
  }
  const { length } = inputsOf(recipe.model, registry.families).text
  const files = trainBpe(counts, { vocabularySize: recipe.texts.vocabularySize, length })
  return recording(Tokenizer.fromJson(files.json, files.config), learned, recipe)
}

/**
 * The tokenizer of a base, with a record of the words that the model will have learned: those of the training data and
 * those of a base of its kind. A policy on a dual encoder has learned no command before; what a dual encoder without a
 * record knows cannot be told, so it has none after.
 */
export async function tokenizerOfBase(base: Bundle, training: Source, recipe: Recipe): Promise<Tokenizer> {
  const { tokenizer, model } = base
  const before = learnedWords(tokenizer.config)
  const [isPolicy, wasPolicy] = [hasHeads(recipe.model), hasHeads(model.config)]
  if (!before && isPolicy === wasPolicy) return tokenizer
  const learned = new LearnedWordsCounter()
  await readCaptions(training, recipe, [learned])
  if (before && isPolicy === wasPolicy) learned.addFurther(() => before.words)
  return recording(tokenizer, learned, recipe)
}

/** The tokenizer with a record of the words of texts, and of those that augmentation puts in. */
function recording({ json, config }: Tokenizer, words: LearnedWordsCounter, { augment }: Recipe): Tokenizer {
  const transforms = textTransforms(
    augment.filter(({ kind }) => textTransformNames.some((name) => name === kind)),
  )
  words.addFurther((isKnown) => wordsOfTransforms(transforms, isKnown))
  return Tokenizer.fromJson(json, withLearnedWords(config, words.learned))
}
