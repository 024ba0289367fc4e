/** Words that a text must not lose or gain: what it says about colour, number and place. */
const colors =
  'red|orange|yellow|green|blue|purple|violet|pink|brown|black|white|gr[ae]y|cyan|magenta|turquoise|teal|gold|golden|silver|beige'
const numbers =
  'no|none|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|first|second|third|fourth|fifth|last|half|both|all|every|each|many|few|several|twice|once|\\d+(?:[.,]\\d+)*(?:st|nd|rd|th)?'
/** Without on, off, in, out, up, down and over, which belong to a verb as often as to a place ("pick up"). */
const relations =
  'left|right|leftmost|rightmost|above|below|under|underneath|beneath|behind|front|between|among|inside|outside|within|near|nearest|far|farthest|next|beside|against|around|through|across|towards?|top|bottom|middle|center|centre|corner|edge|not'

const meaningWord = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${colors}|${numbers}|${relations})(?![\\p{L}\\p{N}])`,
  'giu',
)

/** The words of `text` for colour, number, place and negation, in lower case, sorted. */
export const meaningWords = (text: string): string[] =>
  (text.match(meaningWord) ?? []).map((word) => word.toLowerCase()).sort()
