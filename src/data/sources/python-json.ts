/** Strings of a JSON text, which are kept, and the numbers that Python writes and JSON does not have. */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\b(?:NaN|Infinity)\b/g

/** Stand-in for such a number within JSON, of a character that no text has. */
const standIn = '\uE000number '

/**
 * Parse JSON as Python's `json` and pandas write it: NaN, Infinity and −Infinity are numbers.
 * @throws SyntaxError of `JSON.parse`.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const plain = text.replace(stringOrNumber, (part) =>
      part.startsWith('"') ? part : JSON.stringify(`${standIn}${part}`),
    )
    if (plain === text) throw error
    return JSON.parse(plain, (_, value) =>
      typeof value === 'string' && value.startsWith(standIn) ? Number(value.slice(standIn.length)) : value,
    )
  }
}
