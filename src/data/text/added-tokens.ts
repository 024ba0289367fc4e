import type { Normalize } from './normalizer.ts'

/** A token that is found in a text before it is split into words, as `added_tokens` of a `tokenizer.json` describe it. */
export interface AddedToken {
  readonly id: number
  readonly content: string
  /** True: found only where no letter, digit or underscore is beside it. */
  readonly single_word?: boolean
  /** True: takes the white space before it, too. */
  readonly lstrip?: boolean
  /** True: takes the white space behind it, too. */
  readonly rstrip?: boolean
  /** True: looked for in the normalized text, in its own normalized form. Default: true unless `special`. */
  readonly normalized?: boolean
  readonly special?: boolean
}

/** Part of a text: the id of an added token, or what is between two of them. */
export type TextPart = number | string

/** Function that finds added tokens in a text. */
export type SplitAtTokens = (text: string) => readonly TextPart[]

/** Word characters and white space of the regular expressions of Rust, in which Python's library is written. */
const isWordCharacter = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u
const isSpace = /\p{White_Space}/u

/** Form in which a token is looked for. */
export const soughtForm = ({ content, normalized, special }: AddedToken, normalize: Normalize): string =>
  isNormalized({ normalized, special }) ? normalize(content) : content

/** Test for a token that is looked for in the normalized text. */
export const isNormalized = ({
  normalized,
  special,
}: {
  readonly normalized?: boolean | undefined
  readonly special?: boolean | undefined
}): boolean => normalized ?? !special

/**
 * Split texts at added tokens as Python's `tokenizers` does: the leftmost first, of those that begin at one place the
 * longest. `forms` are looked for in place of the contents.
 */
export function splitAtTokens(forms: ReadonlyMap<string, AddedToken>): SplitAtTokens {
  const longestFirst = [...forms.keys()].filter((form) => form !== '').sort((a, b) => b.length - a.length)
  if (longestFirst.length === 0) return (text) => (text === '' ? [] : [text])
  const pattern = new RegExp(longestFirst.map(escaped).join('|'), 'gu')
  return (text) => {
    const parts: TextPart[] = []
    let rest = 0
    for (const { index, 0: form } of text.matchAll(pattern)) {
      const token = forms.get(form)!
      const end = index + form.length
      if (
        token.single_word &&
        (isWordCharacter.test(before(text, index)) || isWordCharacter.test(behind(text, end)))
      ) {
        continue
      }
      const start = token.lstrip ? Math.max(rest, startOfSpace(text, index)) : index
      if (start > rest) parts.push(text.slice(rest, start))
      parts.push(token.id)
      rest = token.rstrip ? endOfSpace(text, end) : end
    }
    if (rest < text.length) parts.push(text.slice(rest))
    return parts
  }
}

/** The character that ends at a place of a text; empty at the beginning. */
const before = (text: string, place: number): string =>
  Array.from(text.slice(Math.max(place - 2, 0), place)).at(-1) ?? ''

/** The character that begins at a place of a text; empty at the end. */
const behind = (text: string, place: number): string => Array.from(text.slice(place, place + 2))[0] ?? ''

// White space has no character of two code units.
function startOfSpace(text: string, end: number): number {
  let start = end
  while (start > 0 && isSpace.test(text.charAt(start - 1))) start--
  return start
}

function endOfSpace(text: string, start: number): number {
  let end = start
  while (end < text.length && isSpace.test(text.charAt(end))) end++
  return end
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
