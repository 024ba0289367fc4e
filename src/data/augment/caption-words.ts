/** Words that trade places in a mirror, by whole word. */
const pairs = [
  ['left', 'right'],
  ['leftmost', 'rightmost'],
  ['leftward', 'rightward'],
  ['leftwards', 'rightwards'],
  ['clockwise', 'counterclockwise'],
  ['clockwise', 'anticlockwise'],
  ['clockwise', 'counter-clockwise'],
  ['clockwise', 'anti-clockwise'],
  ['east', 'west'],
  ['eastward', 'westward'],
  ['northeast', 'northwest'],
  ['southeast', 'southwest'],
  ['north-east', 'north-west'],
  ['south-east', 'south-west'],
] as const

/** The first pair with a word decides: "clockwise" becomes "counterclockwise". */
const mirrored = new Map<string, string>(
  pairs.flatMap(([a, b]) => [[b, a] as const, [a, b] as const]).reverse(),
)

/** Where "left" and "right" say nothing about a side. */
const notASide = /\b(?:right (?:angles?|away|now|of way)|(?:all|human|civil|copy) right|left ?overs?)\b/gi

const vertical = /\b(?:up|down|upwards?|downwards?|above|below|under|over|top|bottom|north|south)\b/i
const colorNames =
  /\b(?:red|orange|yellow|green|blue|purple|violet|pink|brown|cyan|magenta|turquoise|teal|golden|beige|crimson|maroon|navy|olive|scarlet|tan|lime|indigo|lavender|colou?r(?:ed|ful)?|rainbow)\b/i

/**
 * The caption of the mirrored picture: "left" and "right", "clockwise" and "counterclockwise", "east" and
 * "west" trade places. Whole words only, letter case kept; "right angle" and "right now" stay.
 */
export function mirrorWords(caption: string): string {
  const kept = [...caption.matchAll(notASide)].map(
    (match) => [match.index, match.index + match[0].length] as const,
  )
  return caption.replace(/[a-z]+(?:-(?:clockwise|east|west)\b)?/gi, (word, index: number) => {
    const other = mirrored.get(word.toLowerCase())
    if (other === undefined || kept.some(([from, to]) => index >= from && index < to)) return word
    return withCaseOf(word, other)
  })
}

/** Whether a caption says left, right, up, down or the like. */
export const namesDirection = (caption: string): boolean =>
  vertical.test(caption) || mirrorWords(caption) !== caption

/** Whether a caption names a hue, which a transform must then not change. */
export const namesColor = (caption: string): boolean => colorNames.test(caption)

function withCaseOf(pattern: string, word: string): string {
  if (pattern === pattern.toUpperCase()) return word.toUpperCase()
  return pattern[0] === pattern[0]!.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word
}
