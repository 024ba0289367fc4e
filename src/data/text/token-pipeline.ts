import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import {
  type AddedToken,
  isNormalized,
  type SplitAtTokens,
  soughtForm,
  splitAtTokens,
  type TextPart,
} from './added-tokens.ts'
import {
  type LibraryNormalizer,
  type Normalize,
  type NormalizerDescription,
  normalizer,
} from './normalizer.ts'
import {
  type LibraryPreTokenizer,
  type PreTokenizerDescription,
  preTokenizer,
  type SplitIntoWords,
} from './pre-tokenizer.ts'
import type { JsonObject } from './tokenizer.ts'

/** Parts of the library that are used. Its own declarations are not found by Node's rules of imports. */
interface Library {
  readonly normalizer: LibraryNormalizer | null
  readonly pre_tokenizer: LibraryPreTokenizer | null
  readonly post_processor: {
    post_process(tokens: string[], pair: null, addsSpecialTokens: boolean): { readonly tokens: string[] }
  } | null
  readonly model: {
    readonly vocab: readonly string[]
    readonly tokens_to_ids: ReadonlyMap<string, number>
    readonly unk_token_id?: number
    readonly end_of_word_suffix?: string
    _call(words: readonly string[]): string[]
  }
  token_to_id(token: string): number | undefined
  decode(ids: number[], options: { readonly skip_special_tokens: boolean }): string
}

/** Special tokens around a text, as the post-processor puts them. */
export interface Frame {
  readonly prefix: readonly number[]
  readonly suffix: readonly number[]
}

/**
 * The steps from a text to ids, in the order of Python's `tokenizers`: find added tokens in the text as it is, normalize what
 * is between them, find added tokens in the normalized text, split what is left into words, encode each word. Model,
 * post-processor and decoder are those of the library `@huggingface/tokenizers`; the steps before the model are ours
 * where the library's give other ids than Python.
 */
export class TokenPipeline {
  readonly library: Library
  /** True where a text may be encoded one word between spaces after the other. */
  readonly splitsAtSpaces: boolean
  readonly #normalize: Normalize
  readonly #splitIntoWords: SplitIntoWords
  readonly #splitText: SplitAtTokens
  readonly #splitNormalized: SplitAtTokens

  constructor(json: JsonObject, config: JsonObject) {
    const added = addedTokens(json, config)
    this.library = new HuggingFaceTokenizer({ ...json, added_tokens: added }, config)
    const { model } = this.library
    this.#normalize = normalizer(json.normalizer as NormalizerDescription, this.library.normalizer)
    this.#splitIntoWords = preTokenizer(
      json.pre_tokenizer as PreTokenizerDescription,
      this.library.pre_tokenizer,
    )
    const forms = (kind: boolean) =>
      new Map(
        added
          .filter((token) => isNormalized(token) === kind)
          .map((token) => [soughtForm(token, this.#normalize), token]),
      )
    this.#splitText = splitAtTokens(forms(false))
    this.#splitNormalized = splitAtTokens(forms(true))
    // A scheme that marks the ends of words drops spaces; a token with a space in it would be torn.
    const hasSpaces = added.some((token) => soughtForm(token, this.#normalize).includes(' '))
    this.splitsAtSpaces = Boolean(model.end_of_word_suffix) && !hasSpaces
  }

  /** The ids of a text, without special tokens around it. */
  encode(text: string): number[] {
    const parts = this.#splitText(text)
    return parts.flatMap((part, i) => (typeof part === 'number' ? [part] : this.#encodePart(part, i === 0)))
  }

  #encodePart(text: string, isFirst: boolean): number[] {
    const parts = this.#splitNormalized(this.#normalize(text))
    return parts.flatMap((part: TextPart, i) => {
      if (typeof part === 'number') return [part]
      return this.#splitIntoWords(part, isFirst && i === 0).flatMap((word) => this.#encodeWord(word))
    })
  }

  #encodeWord(word: string): number[] {
    const { model } = this.library
    return model._call([word]).flatMap((token) => model.tokens_to_ids.get(token) ?? model.unk_token_id ?? [])
  }

  /** The special tokens that stand around every text. */
  frame(): Frame {
    const text = '\u0000text'
    const { post_processor } = this.library
    const tokens = post_processor?.post_process([text], null, true).tokens ?? [text]
    const ids = (names: readonly string[]) => names.flatMap((name) => this.library.token_to_id(name) ?? [])
    const place = tokens.indexOf(text)
    return { prefix: ids(tokens.slice(0, place)), suffix: ids(tokens.slice(place + 1)) }
  }
}

/**
 * The added tokens of `tokenizer.json`, with the flags that `tokenizer_config.json` gives them, and those that only
 * the latter names. As in Python these get the next free ids.
 */
function addedTokens(json: JsonObject, config: JsonObject): readonly AddedToken[] {
  const own = (json.added_tokens ?? []) as readonly AddedToken[]
  const decoder = (config.added_tokens_decoder ?? {}) as Readonly<Record<string, AddedToken>>
  const described = new Map(Object.values(decoder).map((token) => [token.content, token]))
  const tokens = own.map((token) => ({ ...token, ...described.get(token.content), id: token.id }))
  const known = new Set(own.map(({ content }) => content))
  const ids = idsOf(json)
  let next = Math.max(ids.size, ...own.map(({ id }) => id + 1))
  for (const token of described.values()) {
    if (!known.has(token.content)) tokens.push({ ...token, id: ids.get(token.content) ?? next++ })
  }
  return tokens
}

/** Ids of the model's tokens. Unigram models list them with scores, the others map them to ids. */
function idsOf({ model }: JsonObject): ReadonlyMap<string, number> {
  const { vocab = {} } = (model ?? {}) as {
    vocab?: readonly (readonly [string, number])[] | Record<string, number>
  }
  return new Map(Array.isArray(vocab) ? vocab.map(([token], id) => [token, id]) : Object.entries(vocab))
}
