import { withCaseOf } from './letter-case.ts'

/** Words that trade places in a mirror; a word stands in one pair only, or its first pair decides. */
const pairs: readonly (readonly [string, string])[] = [
  ['left', 'right'],
  ['leftmost', 'rightmost'],
  ['leftward', 'rightward'],
  ['leftwards', 'rightwards'],
  ['clockwise', 'counterclockwise'],
  ['clockwise', 'counter-clockwise'],
  ['clockwise', 'anticlockwise'],
  ['clockwise', 'anti-clockwise'],
]

const opposite = new Map<string, string>()
for (const [a, b] of pairs) {
  if (!opposite.has(a)) opposite.set(a, b)
  opposite.set(b, a)
}

/** Words of sides, longest first, so that "counter-clockwise" is not taken for "clockwise". */
const side = [...opposite.keys()].sort((a, b) => b.length - a.length).join('|')

/** Phrases in which left and right are no sides: "right angle", "all right", "they left the room". */
const noSide = [
  'right (?:angles?|away|now|of way)',
  '(?:all|human|copy|civil) right',
  '(?:i|he|she|it|we|they|who|has|have|had|just) left',
  'left (?:over|behind|luggage)',
].join('|')

const mirrored = new RegExp(`(?<![\\p{L}\\p{N}])(?:(?<kept>${noSide})|${side})(?![\\p{L}\\p{N}])`, 'giu')

/**
 * Caption for the mirrored image: left and right trade places, and so do leftmost and rightmost, leftwards and
 * rightwards, clockwise and counterclockwise. Whole words only, letter case kept.
 */
export const swapLeftRight = (text: string): string =>
  text.replace(mirrored, (word, kept: string | undefined) =>
    kept === undefined ? withCaseOf(word, opposite.get(word.toLowerCase()) ?? word) : word,
  )
