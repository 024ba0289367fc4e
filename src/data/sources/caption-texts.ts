/** Captions among values of a row or file: see {@link captionTexts}. */
export interface CaptionTexts {
  /** Captions, each once, without white space around them. */
  readonly captions: readonly string[]
  /** First value that is no text. */
  readonly wrong?: unknown
}

/**
 * Collect captions, by the one rule of all sources: a value is a text or a list of texts; null, NaN, a missing value and
 * white space say nothing; a caption of several lines is one; what is said twice counts once.
 */
export function captionTexts(values: readonly unknown[]): CaptionTexts {
  const said = values.flat().filter((value) => value !== null && value !== undefined && !Number.isNaN(value))
  const texts = said.filter((value) => typeof value === 'string')
  const captions = [...new Set(texts.map((text) => text.replaceAll('\r\n', '\n').trim()))].filter(
    (text) => text !== '',
  )
  return texts.length === said.length
    ? { captions }
    : { captions, wrong: said.find((value) => typeof value !== 'string') }
}

/** Kind of a value for messages: `a number`. */
export const kindOf = (value: unknown): string => {
  if (Array.isArray(value)) return 'a list'
  if (value instanceof Uint8Array) return 'bytes'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
