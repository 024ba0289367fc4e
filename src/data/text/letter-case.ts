/** `word` in the letter case of `pattern`: CAPITALS, Capitalized, or else as it is. */
export function withCaseOf(pattern: string, word: string): string {
  const isCapitals = pattern === pattern.toUpperCase() && pattern !== pattern.toLowerCase()
  if (isCapitals && pattern.length > 1) return word.toUpperCase()
  return isCapitalized(pattern) ? capitalize(word) : word
}

/** Whether the first character is a capital letter. */
export const isCapitalized = (text: string): boolean => /^\p{Lu}/u.test(text)

/** The first letter as a capital. */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
