import type { Emoji } from './concepts.ts'

/** Tags in one caption: enough to say something, few enough for a short text. */
const tagsPerCaption = 3

/**
 * What may be said of an emoji's drawing; the label comes first and is the only text at evaluation.
 *
 * `grinning face` · `grinning face, cheerful, happy, laugh` · `cheerful, happy, laugh` …: the label, then
 * for each handful of CLDR's keywords the label with them and they alone. Augmentation picks any.
 */
export function captionsOf(emoji: Emoji): string[] {
  const label = emoji.label.replaceAll('’', "'")
  const words = new Set(label.toLowerCase().split(/[^\p{Letter}\p{Number}]+/u))
  const tags = emoji.tags.filter((tag) => !words.has(tag.toLowerCase()))
  const captions = [label]
  for (let start = 0; start < tags.length; start += tagsPerCaption) {
    const handful = tags.slice(start, start + tagsPerCaption).join(', ')
    captions.push(`${label}, ${handful}`, handful)
  }
  return captions
}
