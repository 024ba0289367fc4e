import type { Emoji } from './concepts.ts'

/** Tags in one caption: enough to say something, few enough for a short text. */
const tagsPerCaption = 3

/**
 * Captions of an emoji's drawing. The label comes first and is the only text at evaluation. CLDR's keywords with words
 * that the label lacks follow in small groups, each group once with the label and once alone:
 *
 *     grinning face
 *     grinning face, cheerful, cheery, grin
 *     cheerful, cheery, grin
 *     grinning face, happy, laugh, nice
 *     happy, laugh, nice
 */
export function captionsOf(emoji: Pick<Emoji, 'label' | 'tags'>): string[] {
  const label = typeable(emoji.label)
  const words = new Set(wordsOf(label))
  const tags = emoji.tags.map(typeable).filter((tag) => !wordsOf(tag).every((word) => words.has(word)))
  const captions = [label]
  for (let start = 0; start < tags.length; start += tagsPerCaption) {
    const handful = tags.slice(start, start + tagsPerCaption).join(', ')
    captions.push(`${label}, ${handful}`, handful)
  }
  return captions
}

/** Text with quotation marks that people can type. */
const typeable = (text: string): string => text.replaceAll('’', "'").replace(/[“”]/g, '"')

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{Letter}\p{Number}]+/gu) ?? []
