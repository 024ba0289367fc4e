import { CheckpointError, ConfigError } from '../../core/index.ts'
import { TokenPipeline } from './token-pipeline.ts'
import { readTokenizerFiles } from './tokenizer-files.ts'

/** A parsed JSON object: the content of `tokenizer.json` or `tokenizer_config.json`. */
export type JsonObject = Readonly<Record<string, unknown>>

/**
 * Tokens that are computed beyond those that are kept, so that the end of the part of a text that is read does not change
 * them; and characters to begin with for one token, which are more where a text has longer ones.
 */
const beyond = { tokens: 64, charactersOfToken: 4 }

/** Limits of the memory for ids: count of words (or texts) and their characters. The same ones come again and again. */
const remembered = { words: 10_000, characters: 500 }

/** One text as model input; both arrays have the requested length. */
export interface EncodedText {
  /** Token ids, `[start] … [end]` and then padding. */
  readonly inputIds: number[]
  /** 1 for a token, 0 for padding. */
  readonly attentionMask: number[]
  /**
   * Count of tokens, special tokens included: more than `length` where the text was cut. Of a long text only the beginning
   * is counted.
   */
  readonly tokens: number
}

/**
 * Converter from text to token ids and back, by the `tokenizer.json` of a Hugging Face model (CLIP, SigLIP, BERT and similar
 * ones).
 *
 * It is synchronous and its only state is a memory of encoded words, so it serves worker threads and robots: send
 * `json` and `config` across (plain data) and build it again there.
 *
 * The start and end tokens are those that the post-processor puts around a text. Padding is `pad_token` of the config,
 * else that of `tokenizer.json`, else the end token: CLIP and SigLIP differ in nothing else.
 */
export class Tokenizer {
  /** Content of `tokenizer.json`. */
  readonly json: JsonObject
  /** Content of `tokenizer_config.json`. */
  readonly config: JsonObject
  /** Count of rows of the token embedding: the largest id plus one. */
  readonly vocabularySize: number
  /** Id of the start token; undefined for tokenizers without one, as SigLIP's. */
  readonly startId: number | undefined
  readonly endId: number | undefined
  readonly padId: number
  /** Id of the unknown token; undefined where no text is unknown and the tokenizer names no such token. */
  readonly unknownId: number | undefined
  readonly #pipeline: TokenPipeline
  readonly #prefix: readonly number[]
  readonly #suffix: readonly number[]
  readonly #remembered = new Map<string, readonly number[]>()

  private constructor(json: JsonObject, config: JsonObject) {
    this.json = json
    this.config = config
    this.#pipeline = new TokenPipeline(json, config)
    const { model } = this.#pipeline.library
    this.vocabularySize = model.vocab.length
    const { prefix, suffix } = this.#pipeline.frame()
    this.#prefix = prefix
    this.#suffix = suffix
    this.startId = this.#prefix[0]
    this.endId = this.#suffix.at(-1)
    const padding = json.padding as { pad_id?: number } | null | undefined
    const padId = this.#idOf(config.pad_token) ?? padding?.pad_id ?? this.endId
    if (padId === undefined) throw new Error('no token to pad with: set pad_token in tokenizer_config.json')
    this.padId = padId
    this.unknownId = model.unk_token_id ?? this.#idOf(config.unk_token)
  }

  /**
   * Make a tokenizer from the contents of `tokenizer.json` and, where its pad token matters, `tokenizer_config.json`,
   * as text or parsed.
   * @throws CheckpointError `tokenizer/unusable` when they do not describe a tokenizer.
   */
  static fromJson(json: string | JsonObject, config: string | JsonObject = {}): Tokenizer {
    try {
      return new Tokenizer(parse(json), parse(config))
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new CheckpointError(
        'tokenizer/unusable',
        `this tokenizer cannot be used: ${reason}`,
        {},
        { cause },
      )
    }
  }

  /**
   * Make a tokenizer from a folder with `tokenizer.json` and `tokenizer_config.json`, or from an older one of CLIP with
   * `vocab.json` and `merges.txt`.
   * @throws CheckpointError `tokenizer/missing` or `tokenizer/unusable`, naming the folder.
   */
  static fromFolder(folder: string): Tokenizer {
    const { json, config } = readTokenizerFiles(folder)
    try {
      return new Tokenizer(json, config)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new CheckpointError('tokenizer/unusable', `${folder}: ${reason}`, { folder }, { cause })
    }
  }

  /**
   * Encode `text` with its special tokens, cut to `length` (the end token is kept) and padded to `length`. Of a text of any
   * length only as much is read as fills these tokens.
   * @throws ConfigError `tokenizer/length` when `length` is too short for the special tokens.
   */
  encode(text: string, length: number): EncodedText {
    const shortest = Math.max(this.#prefix.length + this.#suffix.length, 1)
    if (!Number.isInteger(length) || length < shortest) {
      const message = `a text of ${length} tokens has no room for its special tokens: use ${shortest} or more`
      throw new ConfigError('tokenizer/length', message, { length })
    }
    const ids = this.#idsFor(text, length)
    const kept = Math.min(ids.length, length)
    const inputIds = new Array<number>(length).fill(this.padId)
    for (let i = 0; i < kept; i++) inputIds[i] = ids[i]!
    if (ids.length > length && this.endId !== undefined) inputIds[length - 1] = this.endId
    const attentionMask = new Array<number>(length).fill(0).fill(1, 0, kept)
    return { inputIds, attentionMask, tokens: ids.length }
  }

  /** Ids of a text, or of a beginning that has `length` tokens and some more. */
  #idsFor(text: string, length: number): number[] {
    const enough = length + beyond.tokens
    for (let characters = enough * beyond.charactersOfToken; ; characters *= 2) {
      if (characters >= text.length) return this.#idsOf(text)
      const ids = this.#idsOf(text.slice(0, characters))
      if (ids.length > enough) return ids
    }
  }

  #idsOf(text: string): number[] {
    const words = this.#pipeline.splitsAtSpaces ? text.split(' ') : [text]
    return [...this.#prefix, ...words.flatMap((word) => this.#wordIds(word)), ...this.#suffix]
  }

  #wordIds(word: string): readonly number[] {
    const known = this.#remembered.get(word)
    if (known !== undefined) return known
    const ids = this.#pipeline.encode(word)
    if (this.#remembered.size === remembered.words) this.#remembered.clear()
    if (word.length <= remembered.characters) this.#remembered.set(word, ids)
    return ids
  }

  /** Text of token ids, without special tokens. CLIP's scheme leaves one space between words and marks. */
  decode(ids: readonly number[]): string {
    // The library refuses an empty list.
    return ids.length === 0 ? '' : this.#pipeline.library.decode([...ids], { skip_special_tokens: true })
  }

  /** Special tokens stand in configs as a string or as an object with its content. */
  #idOf(token: unknown): number | undefined {
    const content =
      typeof token === 'string' ? token : (token as { content?: unknown } | null | undefined)?.content
    return typeof content === 'string' ? this.#pipeline.library.token_to_id(content) : undefined
  }
}

function parse(content: string | JsonObject): JsonObject {
  return typeof content === 'string' ? (JSON.parse(content) as JsonObject) : content
}
