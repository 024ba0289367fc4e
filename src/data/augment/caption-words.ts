import { greyWords, hueWords } from '../text/color-words.ts'
import { swapLeftRight } from '../text/swap-left-right.ts'

const upOrDown =
  /\b(?:up|down|upwards?|downwards?|upper|lower|above|below|under|over|top|bottom|vertical|horizontal)\b/i

const hues = new RegExp(`\\b(?:${hueWords}|rainbow|colou?rful)\\b`, 'i')

/** Whether a caption says left, right, up, down or the like, which a picture turned far must not contradict. */
export const namesDirection = (caption: string): boolean =>
  upOrDown.test(caption) || swapLeftRight(caption) !== caption

const shades = new RegExp(`\\b(?:${greyWords}|dark|bright|pale|light)\\b`, 'i')

/** Whether a caption names a colour of any kind, or how light it is. */
export const namesColor = (caption: string): boolean => namesHue(caption) || shades.test(caption)

/** Whether a caption names a hue, which a transform must then leave as it is. */
export const namesHue = (caption: string): boolean => hues.test(caption)
