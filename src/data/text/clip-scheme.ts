import type { JsonObject } from './tokenizer.ts'

/** Files of a tokenizer: arguments of `Tokenizer.fromJson(json, config)`, which a bundle stores under these names. */
export interface TokenizerFiles {
  /** Content of `tokenizer.json`. */
  readonly json: JsonObject
  /** Content of `tokenizer_config.json`. */
  readonly config: JsonObject
}

/** CLIP's special tokens: the last two ids of its vocabulary, in this order. */
export const startToken = '<|startoftext|>'
export const endToken = '<|endoftext|>'

/** Suffix of the last token of every word, so that "cat" and the "cat" of "catch" are two tokens. */
export const endOfWord = '</w>'

/**
 * One printable character for each byte, as GPT-2 and CLIP order them: bytes that are printable in Latin-1
 * stand for themselves and come first, the others follow from U+0100 on.
 */
export const byteAlphabet: readonly string[] = (() => {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
  const bytes = Array.from({ length: 256 }, (_, byte) => byte)
  const printable = bytes.filter(isPrintable).map((byte) => String.fromCharCode(byte))
  const others = bytes.filter((byte) => !isPrintable(byte)).map((_, i) => String.fromCharCode(256 + i))
  return [...printable, ...others]
})()

/**
 * Normalizer and pre-tokenizer of CLIP. They give the words of `CLIPTokenizer` in transformers 5, which builds its own.
 * Two changes make JavaScript agree with Python:
 * - a capital sigma is lowered here: JavaScript's toLowerCase() gives ς at the end of a word, Rust always σ;
 * - `use_regex: false`, because GPT-2's second split has no effect on CLIP's words, but in JavaScript its `\s` is
 *   another set of characters (U+FEFF in, U+0085 out).
 */
const normalizer = {
  type: 'Sequence',
  normalizers: [
    { type: 'NFC' },
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    { type: 'Replace', pattern: { String: 'Σ' }, content: 'σ' },
    { type: 'Lowercase' },
  ],
}

const words = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"

const preTokenizer = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ],
}

/** The files of a tokenizer with CLIP's scheme; `tokens` are all but the special ones, in the order of their ids. */
export function clipTokenizerFiles(
  tokens: readonly string[],
  merges: readonly (readonly [string, string])[],
  length: number,
): TokenizerFiles {
  const specialTokens = [startToken, endToken].map((content, i) => ({ id: tokens.length + i, content }))
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((token) => ({ ...token, ...flags })),
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: {
      type: 'RobertaProcessing',
      sep: [endToken, tokens.length + 1],
      cls: [startToken, tokens.length],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: endToken,
      continuing_subword_prefix: '',
      end_of_word_suffix: endOfWord,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...tokens, startToken, endToken].map((token, id) => [token, id])),
      merges: merges.map((pair) => pair.join(' ')),
    },
  }
  const config = {
    tokenizer_class: 'CLIPTokenizer',
    model_max_length: length,
    bos_token: startToken,
    eos_token: endToken,
    unk_token: endToken,
    pad_token: endToken,
    added_tokens_decoder: Object.fromEntries(
      specialTokens.map(({ id, content }) => [String(id), { content, ...flags }]),
    ),
    clean_up_tokenization_spaces: false,
  }
  return { json, config }
}
