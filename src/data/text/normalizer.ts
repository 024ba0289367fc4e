import { bertNormalizer, lowercased } from './bert-normalizer.ts'
import { precompiledCharsmap } from './precompiled-charsmap.ts'

/** A step of a normalizer as `tokenizer.json` describes it. */
export interface NormalizerDescription {
  readonly type?: string
  readonly normalizers?: readonly NormalizerDescription[]
  readonly content?: string
  readonly strip_left?: boolean
  readonly strip_right?: boolean
  readonly precompiled_charsmap?: string | null
  readonly clean_text?: boolean
  readonly handle_chinese_chars?: boolean
  readonly strip_accents?: boolean | null
  readonly lowercase?: boolean
}

/** The library's normalizer of a description. */
export interface LibraryNormalizer {
  normalize(text: string): string
  /** Steps of a sequence. */
  readonly normalizers?: readonly LibraryNormalizer[]
  /** Pattern of `Replace`. */
  readonly pattern?: RegExp | null
}

/** Function from a text to the text that is split into tokens. */
export type Normalize = (text: string) => string

/**
 * Normalizer of a `tokenizer.json` that agrees with Python's. The library's own differ in
 * - `Lowercase`: a capital sigma at the end of a word becomes ς, in Python σ everywhere;
 * - `Strip`: it strips U+FEFF, which is no white space in Python, and leaves U+0085, which is;
 * - `Replace`: it reads `$` in the replacement as a reference;
 * - `Precompiled`: it stands for any table by NFKC;
 * - `BertNormalizer`: it lowers letters before it drops accents, and knows no Chinese characters beyond U+FFFF.
 */
export function normalizer(
  description: NormalizerDescription | null | undefined,
  library: LibraryNormalizer | null | undefined,
): Normalize {
  if (!description || !library) return (text) => text
  const { type, normalizers = [], content = '', precompiled_charsmap: charsmap } = description
  if (type === 'Sequence') {
    const steps = normalizers.map((step, i) => normalizer(step, library.normalizers?.[i]))
    return (text) => steps.reduce((result, step) => step(result), text)
  }
  if (type === 'Lowercase') return lowercased
  if (type === 'BertNormalizer') return bertNormalizer(description)
  if (type === 'Strip') return strip(description)
  if (type === 'Precompiled') return charsmap ? precompiledCharsmap(charsmap) : (text) => text
  const { pattern } = library
  if (type === 'Replace' && pattern) return (text) => text.replaceAll(pattern, () => content)
  return (text) => library.normalize(text)
}

function strip({ strip_left: left, strip_right: right }: NormalizerDescription): Normalize {
  const ends = [left ? '^\\p{White_Space}+' : [], right ? '\\p{White_Space}+$' : []].flat()
  if (ends.length === 0) return (text) => text
  const pattern = new RegExp(ends.join('|'), 'gu')
  return (text) => text.replaceAll(pattern, '')
}
