/** Vowel letters that sound like "you" or "w", as in "a unit", "a European", "a one-armed robot". */
const soundsLikeConsonant = /^(?:eu|ew|one\b|once\b|uni(?!n|m)|u[bcfhjkqrst][aeiou]|ubi)/i
const startsWithVowel = /^[aeiou]/i
const silentH = /^(?:heir|hono|honest|hour)/i

/** Article "a" or "an", by the sound at the start of `word`. Numbers in digits included: "an 8", "an 11", "a 1". */
export function indefiniteArticle(word: string): 'a' | 'an' {
  if (/^\d/.test(word)) return /^(?:8|1[18](?!\d))/.test(word) ? 'an' : 'a'
  if (soundsLikeConsonant.test(word)) return 'a'
  return startsWithVowel.test(word) || silentH.test(word) ? 'an' : 'a'
}
