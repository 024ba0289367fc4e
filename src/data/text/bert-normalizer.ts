import type { Normalize, NormalizerDescription } from './normalizer.ts'

/** Characters between which BERT's words end: Chinese ones, in the blocks that Python's `tokenizers` knows. */
const chinese =
  /[\u{4E00}-\u{9FFF}\u{3400}-\u{4DBF}\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\u{F900}-\u{FAFF}\u{2F800}-\u{2FA1F}]/gu

/** Characters that are dropped: those that Unicode calls others, unless they are white space of a text. */
const dropped = /(?![\t\n\r])[\u{FFFD}\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu

/**
 * BERT's normalizer: drop what is no character of a text, make white space spaces and put them around Chinese characters, drop
 * accents (by default where letters become small), make letters small. The steps have the order of Python's.
 */
export function bertNormalizer(description: NormalizerDescription): Normalize {
  const { clean_text = true, handle_chinese_chars = true, lowercase = true, strip_accents } = description
  const steps: Normalize[] = []
  if (clean_text) steps.push((text) => text.replace(dropped, '').replace(/\p{White_Space}/gu, ' '))
  if (handle_chinese_chars) steps.push((text) => text.replace(chinese, ' $& '))
  if (strip_accents ?? lowercase) steps.push((text) => text.normalize('NFD').replace(/\p{Mn}/gu, ''))
  if (lowercase) steps.push(lowercased)
  return (text) => steps.reduce((result, step) => step(result), text)
}

/** Text in small letters. Sigma is the only letter that JavaScript lowers by its neighbours. */
export const lowercased: Normalize = (text) => text.replaceAll('Σ', 'σ').toLowerCase()
