export { type ActionsAndObjects, extractActionsAndObjects } from './actions-and-objects.ts'
export {
  augmentText,
  type TextTransform,
  textTransformNames,
  textTransforms,
  wordsOfTransforms,
} from './augment.ts'
export type { TokenizerFiles } from './clip-scheme.ts'
export {
  type LearnedWords,
  LearnedWordsCounter,
  learnedWords,
  type TextKnowledge,
  textKnowledge,
  withLearnedWords,
} from './learned-words.ts'
export { type Paraphrase, type ParaphraseTemplates, paraphrase, paraphraseTemplates } from './paraphrase.ts'
export { roboticsSynonyms } from './robotics-synonyms.ts'
export { swapLeftRight } from './swap-left-right.ts'
export { type Synonyms, type SynonymTable, synonyms } from './synonyms.ts'
export { type EncodedText, type JsonObject, Tokenizer } from './tokenizer.ts'
export { type BpeOptions, trainBpe, WordCounts } from './train-bpe.ts'
export { type Typos, typos } from './typos.ts'
