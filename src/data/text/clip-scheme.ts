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
 * - CLIP's words split a second time in place of GPT-2's (`use_regex: false`). Either only takes special tokens in capitals
 *   apart, which the first split leaves whole, but in JavaScript GPT-2's `\s` is another set of characters (U+FEFF in,
 *   U+0085 out).
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

const specialOrWords = `<\\|startoftext\\|>|<\\|endoftext\\|>|${words}`

const preTokenizer = {
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: specialOrWords }, behavior: 'Removed', invert: true },
    { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
  ],
}

/** Flags of a special token: found as it is written only. */
const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }

/** A token of `added_tokens`, with flags that differ from those of a special token. */
interface SpecialToken {
  readonly content: string
  readonly normalized?: boolean
}

/**
 * Content of `tokenizer.json` with CLIP's scheme.
 * @param vocabulary Ids of all tokens, the special ones too. @param merges Pairs in the order of merging, with a space
 * between them. @param added Tokens that are found before words are split, beside the special ones.
 */
export function clipTokenizerJson({
  vocabulary,
  merges,
  special: { start, end, unknown },
  added = [],
}: {
  readonly vocabulary: Readonly<Record<string, number>>
  readonly merges: readonly string[]
  readonly special: Readonly<Record<'start' | 'end' | 'unknown', SpecialToken>>
  readonly added?: readonly (SpecialToken & { readonly id: number })[]
}): JsonObject {
  const idOf = ({ content }: SpecialToken): number => vocabulary[content] ?? 0
  const framing = [start, end].map(({ content, ...own }) => ({
    id: idOf({ content }),
    content,
    ...flags,
    ...own,
  }))
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [...framing, ...added.map((token) => ({ ...flags, ...token }))],
    normalizer,
    pre_tokenizer: preTokenizer,
    post_processor: {
      type: 'RobertaProcessing',
      sep: [end.content, idOf(end)],
      cls: [start.content, idOf(start)],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknown.content,
      continuing_subword_prefix: '',
      end_of_word_suffix: endOfWord,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: vocabulary,
      merges,
    },
  }
}

/** The files of a tokenizer with CLIP's scheme; `tokens` are all but the special ones, in the order of their ids. */
export function clipTokenizerFiles(
  tokens: readonly string[],
  merges: readonly (readonly [string, string])[],
  length: number,
): TokenizerFiles {
  const [start, end] = [{ content: startToken }, { content: endToken }]
  const json = clipTokenizerJson({
    vocabulary: Object.fromEntries([...tokens, startToken, endToken].map((token, id) => [token, id])),
    merges: merges.map((pair) => pair.join(' ')),
    special: { start, end, unknown: end },
  })
  const config = {
    tokenizer_class: 'CLIPTokenizer',
    model_max_length: length,
    bos_token: startToken,
    eos_token: endToken,
    unk_token: endToken,
    pad_token: endToken,
    added_tokens_decoder: Object.fromEntries(
      [start, end].map(({ content }, i) => [String(tokens.length + i), { content, ...flags }]),
    ),
    clean_up_tokenization_spaces: false,
  }
  return { json, config }
}
