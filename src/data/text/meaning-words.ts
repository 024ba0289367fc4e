import { greyWords, hueWords } from './color-words.ts'

/** Words for number and place that a text must not lose or gain, beside colours. */
const numbers =
  'no|none|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|twenty|thirty|forty|fifty|hundred|thousand|dozen|first|second|third|(?:four|fif|six|seven|eigh|nin|ten)th|last|half|both|all|every|each|many|few|several|twice|once|\\d+(?:[.,]\\d+)*(?:st|nd|rd|th)?'
/**
 * Words of relations. On, off, in, out, up, down and over are absent: they belong to a verb as often as to a place
 * ("pick up").
 */
const relations =
  'left|right|leftmost|rightmost|above|below|under|underneath|beneath|behind|front|between|among|inside|outside|within|into|onto|near|nearest|far|farthest|next|beside|against|around|through|across|towards?|top|bottom|middle|center|centre|corner|edge|not'

const meaningWord = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${hueWords}|${greyWords}|${numbers}|${relations})(?![\\p{L}\\p{N}])`,
  'giu',
)

/** The words of `text` for colour, number, place and negation, in lower case, in their order. */
export const meaningWords = (text: string): string[] =>
  (text.match(meaningWord) ?? []).map((word) => word.toLowerCase())
