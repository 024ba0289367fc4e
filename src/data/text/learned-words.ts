import { z } from 'zod'
import { isCommandVerb, isSentenceVerb } from './command.ts'
import type { JsonObject } from './tokenizer.ts'

/** Words that a model has learned from its training texts. They stand in `tokenizer_config.json`, under `visuomotor`. */
export interface LearnedWords {
  /** The words in small letters. */
  readonly words: readonly string[]
  /** True where half of the texts or more have a verb of commands. */
  readonly commands: boolean
}

/** Words and their letter case as they are compared. */
const wordPattern = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu

/** Scripts that put no space between words. Their texts are not judged by words. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u

/** The words of a text, in small letters and in their order. */
export const wordsOf = (text: string): string[] =>
  text.normalize('NFC').toLowerCase().match(wordPattern) ?? []

/** Largest number of words that are kept; a model of more knows so many that a list says little. */
const mostWords = 20_000

/** Counter of the words of training texts. */
export class LearnedWordsCounter {
  readonly #words = new Set<string>()
  #texts = 0
  #commands = 0

  add(texts: readonly string[]): void {
    for (const text of texts) {
      const words = wordsOf(text)
      if (words.length === 0) continue
      if (this.#words.size <= mostWords) for (const word of words) this.#words.add(word)
      this.#texts++
      if (words.some(isCommandVerb)) this.#commands++
    }
  }

  /** Add what transforms of texts may put in. @param wordsFrom Function from a test for a known word to further words. */
  addFurther(wordsFrom: (isKnown: (word: string) => boolean) => readonly string[]): void {
    for (const word of wordsFrom((word) => this.#words.has(word))) this.#words.add(word)
  }

  /** The words, sorted; undefined where there are too many to list. */
  get learned(): LearnedWords | undefined {
    if (this.#words.size === 0 || this.#words.size > mostWords) return undefined
    return { words: [...this.#words].sort(), commands: 2 * this.#commands >= this.#texts }
  }
}

const ownKey = 'visuomotor'
const schema = z.object({ learned_words: z.string(), commands: z.boolean() })

/** The config of a tokenizer with the learned words; without those of before where there are none. */
export function withLearnedWords(config: JsonObject, learned: LearnedWords | undefined): JsonObject {
  const { [ownKey]: _, ...rest } = config
  if (!learned) return rest
  return { ...rest, [ownKey]: { learned_words: learned.words.join(' '), commands: learned.commands } }
}

/** The learned words in the config of a tokenizer; undefined for a tokenizer without a record of them. */
export function learnedWords(config: JsonObject): LearnedWords | undefined {
  const parsed = schema.safeParse(config[ownKey])
  if (!parsed.success) return undefined
  return { words: parsed.data.learned_words.split(' '), commands: parsed.data.commands }
}

/** Words of a text, and those that the model does not know. */
export interface TextKnowledge {
  readonly words: readonly string[]
  /** Words of the text that were never learned, each once. */
  readonly unlearned: readonly string[]
  /** True where the model learned from commands and the text has no verb of one, nor of a sentence. */
  readonly lacksVerb: boolean
}

/** Function that tells what the model of this tokenizer knows of a text; without a record, all words count as learned. */
export function textKnowledge(config: JsonObject): (text: string) => TextKnowledge {
  const learned = learnedWords(config)
  const known = new Set(learned?.words)
  return (text) => {
    const words = wordsOf(text)
    const isJudged = learned !== undefined && !unspaced.test(text)
    const unlearned = isJudged ? [...new Set(words)].filter((word) => !known.has(word)) : []
    const hasVerb = words.some((word) => isCommandVerb(word) || isSentenceVerb(word))
    return { words, unlearned, lacksVerb: isJudged && learned.commands && !hasVerb }
  }
}
