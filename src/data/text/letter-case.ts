/** Copy of `word` in the letter case of `pattern`: CAPITALS, Capitalized, or else unchanged. */
export function withCaseOf(pattern: string, word: string): string {
  const isCapitals = pattern === pattern.toUpperCase() && pattern !== pattern.toLowerCase()
  if (isCapitals && pattern.length > 1) return word.toUpperCase()
  return isCapitalized(pattern) ? capitalize(word) : word
}

/** Test for a capital letter as the first character. */
export const isCapitalized = (text: string): boolean => /^\p{Lu}/u.test(text)

/** Copy of a text with a capital first letter. */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
