import { greyWords, hueWords } from '../text/color-words.ts'
import { swapLeftRight } from '../text/swap-left-right.ts'

const upOrDown =
  /\b(?:up|down|upwards?|downwards?|upper|lower|above|below|under|over|top|bottom|vertical|horizontal)\b/i

const hues = new RegExp(`\\b(?:${hueWords}|rainbow|colou?rful)\\b`, 'i')

/**
 * Test for words of direction in a caption: left, right, up, down or the like. An image turned far must not contradict
 * them.
 */
export const namesDirection = (caption: string): boolean =>
  upOrDown.test(caption) || swapLeftRight(caption) !== caption

const shades = new RegExp(`\\b(?:${greyWords}|dark|bright|pale|light)\\b`, 'i')

/** Test for a colour of any kind, or a lightness, in a caption. */
export const namesColor = (caption: string): boolean => namesHue(caption) || shades.test(caption)

/** Test for a hue in a caption, which a transform must then leave as it is. */
export const namesHue = (caption: string): boolean => hues.test(caption)
