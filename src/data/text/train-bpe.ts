import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { ConfigError, DataError } from '../../core/index.ts'
import { byteAlphabet, clipTokenizerFiles, endOfWord, type TokenizerFiles } from './clip-scheme.ts'
import { type Pair, PairQueue } from './pair-queue.ts'

/** Options of `trainBpe`. */
export interface BpeOptions {
  /** Count of tokens, with the 512 of the byte alphabet and 2 special ones. CLIP: 49,408. */
  readonly vocabularySize: number
  /** Least frequency of a pair to be merged, so the vocabulary may stay smaller than requested. Default 2. */
  readonly minimumFrequency?: number
  /** Tokens for each text of the model, written as `model_max_length`. Default 77, as CLIP. */
  readonly length?: number
}

/**
 * Learn a byte-pair encoding with CLIP's scheme (Sennrich et al. 2016; Radford et al. 2021): lower case, CLIP's words,
 * a byte-level alphabet, `</w>` at the end of a word. Starting from bytes, the most frequent pair of neighbours becomes
 * a token, again and again. Ties go to the lexically first pair, so the same texts in any order give the same
 * vocabulary. No text is ever unknown: all 256 bytes are tokens.
 *
 * The result loads with `Tokenizer.fromJson(json, config)`, with Python's `tokenizers` and `CLIPTokenizer`, and in
 * transformers.js, with the same ids.
 * @param texts All texts, or the counts of their words: a million captions need not be held at once.
 * @throws ConfigError `tokenizer/vocabulary-size` below 514, `tokenizer/minimum-frequency` below 1.
 * @throws DataError `tokenizer/no-text` when the texts hold no word.
 */
export function trainBpe(texts: Iterable<string> | WordCounts, options: BpeOptions): TokenizerFiles {
  const { vocabularySize, minimumFrequency = 2, length = 77 } = options
  const tokens = [...byteAlphabet, ...byteAlphabet.map((character) => character + endOfWord)]
  const specialTokens = 2
  if (!Number.isInteger(vocabularySize) || vocabularySize < tokens.length + specialTokens) {
    const least = tokens.length + specialTokens
    const message = `vocabularySize is ${vocabularySize}, but bytes and special tokens alone are ${least}`
    throw new ConfigError('tokenizer/vocabulary-size', message, { vocabularySize, least })
  }
  if (!(minimumFrequency >= 1)) {
    const message = `minimumFrequency is ${minimumFrequency}: a pair must be seen at least once`
    throw new ConfigError('tokenizer/minimum-frequency', message, { minimumFrequency })
  }
  const { frequencies } = texts instanceof WordCounts ? texts : new WordCounts().add(texts)
  if (frequencies.size === 0) {
    throw new DataError('tokenizer/no-text', 'there is no word in the texts to learn a vocabulary from')
  }
  const merges = learnMerges(frequencies, tokens, vocabularySize - specialTokens, minimumFrequency)
  return clipTokenizerFiles(tokens, merges, length)
}

/** Most texts whose words are kept, in case they come again. */
const mostKept = 2 ** 16

/** Count of each word in texts that arrive gradually: the memory grows with the distinct words. */
export class WordCounts {
  /** Words as the tokenizer sees them, one character for each byte. */
  readonly frequencies = new Map<string, number>()
  readonly #split: (text: string) => string[]
  /** Words of the first texts: where several pictures share a caption, it is split once. */
  readonly #kept = new Map<string, readonly string[]>()

  constructor() {
    const { json, config } = clipTokenizerFiles([], [], 0)
    const { normalizer, pre_tokenizer: preTokenizer } = new HuggingFaceTokenizer(json, config)
    this.#split = (text) => preTokenizer!.pre_tokenize(normalizer!.normalize(text))
  }

  add(texts: Iterable<string>): this {
    for (const text of texts) {
      for (const word of this.#wordsOf(text))
        this.frequencies.set(word, (this.frequencies.get(word) ?? 0) + 1)
    }
    return this
  }

  #wordsOf(text: string): readonly string[] {
    const kept = this.#kept.get(text)
    if (kept) return kept
    const words = this.#split(text)
    if (this.#kept.size < mostKept) this.#kept.set(text, words)
    return words
  }
}

/** Append merged tokens to `tokens` until there are `size`, or no pair is frequent enough; returns the merges. */
function learnMerges(
  frequencies: ReadonlyMap<string, number>,
  tokens: string[],
  size: number,
  minimumFrequency: number,
): [string, string][] {
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const words = [...frequencies].map(([word, frequency]) => {
    const characters = [...word]
    characters[characters.length - 1] += endOfWord
    return { symbols: characters.map((character) => ids.get(character)!), frequency }
  })
  const pairs = new PairQueue(tokens, minimumFrequency)
  words.forEach(({ symbols, frequency }, index) => {
    pairs.add(symbols, frequency, index)
  })

  const merges = new Map<string, [string, string]>()
  while (tokens.length < size) {
    const pair = pairs.next()
    if (pair === undefined) break
    const [left, right] = [tokens[pair.left]!, tokens[pair.right]!]
    // Two routes may lead to one token ("ab" + "c", "a" + "bc"); a pair may come back by another route.
    const merged = ids.get(left + right) ?? tokens.push(left + right) - 1
    ids.set(left + right, merged)
    merges.set(`${left} ${right}`, [left, right])
    for (const index of pair.words) {
      const word = words[index]!
      pairs.add(word.symbols, -word.frequency, index)
      word.symbols = mergePair(word.symbols, pair, merged)
      pairs.add(word.symbols, word.frequency, index)
    }
  }
  return [...merges.values()]
}

function mergePair(symbols: readonly number[], { left, right }: Pair, merged: number): number[] {
  const result: number[] = []
  for (let i = 0; i < symbols.length; i++) {
    const found = symbols[i] === left && symbols[i + 1] === right
    result.push(found ? merged : symbols[i]!)
    if (found) i++
  }
  return result
}
