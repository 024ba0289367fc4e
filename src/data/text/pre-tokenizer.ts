/** A step of a pre-tokenizer as `tokenizer.json` describes it. */
export interface PreTokenizerDescription {
  readonly type?: string
  readonly pretokenizers?: readonly PreTokenizerDescription[]
  readonly behavior?: string
  readonly add_prefix_space?: boolean
  readonly use_regex?: boolean
  readonly replacement?: string
  readonly prepend_scheme?: string
  readonly split?: boolean
}

/** The library's pre-tokenizer of a description. */
export interface LibraryPreTokenizer {
  pre_tokenize(text: string): string[]
  /** Steps of a sequence. */
  readonly tokenizers?: readonly LibraryPreTokenizer[]
  /** Pattern of `Split`. */
  readonly pattern?: RegExp | null
  /** Character of each byte, of `ByteLevel`. */
  readonly byte_encoder?: Readonly<Record<number, string>>
}

/** Function from a normalized text to its words, which are encoded one by one. @param isFirst False behind another part of the text. */
export type SplitIntoWords = (text: string, isFirst: boolean) => readonly string[]

/**
 * Pre-tokenizer of a `tokenizer.json` that agrees with Python's. The library's own differ in
 * - `ByteLevel`: U+FEFF is white space to it, U+0085 is not;
 * - `Metaspace`: it does not split, so that unknown characters of two words become one token;
 * - `BertPreTokenizer`: U+FEFF is white space to it, U+0085 is not;
 * - `Split`: of the behaviours it knows `Removed` and `Isolated` only.
 */
export function preTokenizer(
  description: PreTokenizerDescription | null | undefined,
  library: LibraryPreTokenizer | null | undefined,
): SplitIntoWords {
  if (!description || !library) return (text) => [text]
  const { type, pretokenizers = [], behavior } = description
  if (type === 'Sequence') {
    const steps = pretokenizers.map((step, i) => preTokenizer(step, library.tokenizers?.[i]))
    return (text, isFirst) =>
      steps.reduce<readonly string[]>(
        (words, step) => words.flatMap((word, i) => step(word, isFirst && i === 0)),
        [text],
      )
  }
  if (type === 'ByteLevel') return byteLevel(description, library.byte_encoder ?? {})
  if (type === 'Metaspace') return metaspace(description)
  if (type === 'BertPreTokenizer') return (text) => text.match(bertWords) ?? []
  const { pattern } = library
  if (type === 'Split' && behavior === 'MergedWithPrevious' && pattern) return mergedWithPrevious(pattern)
  return (text) => library.pre_tokenize(text)
}

/** BERT's words: each mark is one. ASCII's symbols are marks, too. */
const bertWords = /[^\p{White_Space}\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu

/** GPT-2's words. */
const byteWords =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu

function byteLevel(
  { add_prefix_space: addsSpace = false, use_regex: splits = true }: PreTokenizerDescription,
  characters: Readonly<Record<number, string>>,
): SplitIntoWords {
  const encoder = new TextEncoder()
  return (text) => {
    const prefixed = addsSpace && !text.startsWith(' ') ? ` ${text}` : text
    const words = splits ? (prefixed.match(byteWords) ?? []) : [prefixed]
    return words.map((word) => Array.from(encoder.encode(word), (byte) => characters[byte]).join(''))
  }
}

function metaspace({
  replacement = '▁',
  prepend_scheme: scheme = 'always',
  split = true,
}: PreTokenizerDescription): SplitIntoWords {
  const beginning = new RegExp(`(?=${replacement})`, 'u')
  return (text, isFirst) => {
    const marked = text.replaceAll(' ', replacement)
    const prepends = scheme === 'always' || (scheme === 'first' && isFirst)
    const whole = prepends && !marked.startsWith(replacement) ? replacement + marked : marked
    return split ? whole.split(beginning) : [whole]
  }
}

function mergedWithPrevious(pattern: RegExp): SplitIntoWords {
  return (text) => {
    const ends = Array.from(text.matchAll(pattern), (match) => match.index + match[0].length)
    return [0, ...ends].map((start, i) => text.slice(start, ends[i])).filter((word) => word !== '')
  }
}
