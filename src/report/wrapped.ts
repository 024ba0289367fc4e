const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\uFE0F/u

/** Columns of a text in a terminal. */
export function lineWidth(text: string): number {
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

/** Width of the longest part of a text that is not broken unless it must be. */
export const longestPart = (text: string): number =>
  Math.max(0, ...partsOf(text).map((part) => lineWidth(part.trimEnd())))

/**
 * A text in lines of at most `width` columns, broken after spaces and slashes, and within a word only where it is longer
 * than a line. An empty text is one empty line.
 */
export function wrapped(text: string, width: number): string[] {
  if (lineWidth(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const part of partsOf(text).flatMap((part) => pieces(part, width))) {
    if (line !== '' && lineWidth((line + part).trimEnd()) > width) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += part
  }
  return [...lines, line.trimEnd()]
}

/** Words with the spaces behind them, and folders with their slash. */
const partsOf = (text: string): string[] =>
  text.match(/[^ /]*(?:\/+| +|$)/gu)?.filter((part) => part !== '') ?? []

/** A part in pieces of at most `width` columns. */
function pieces(part: string, width: number): string[] {
  if (lineWidth(part.trimEnd()) <= width) return [part]
  const found: string[] = []
  let piece = ''
  for (const { segment } of graphemes.segment(part)) {
    if (piece !== '' && lineWidth(piece + segment) > width) {
      found.push(piece)
      piece = ''
    }
    piece += segment
  }
  return [...found, piece]
}
