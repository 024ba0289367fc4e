/**
 * Shorten a text for a message: one line of at most `length` characters, the middle left out. What users wrote may be of
 * any length.
 */
export function excerpt(text: string, length = 80): string {
  const line = text.replace(/\s+/g, ' ')
  if (line.length <= length) return line
  const after = Math.floor((length - 3) / 2)
  const start = [...line.slice(0, 2 * length)].slice(0, length - 3 - after)
  const end = [...line.slice(-2 * length)].slice(-after)
  return `${start.join('')} … ${end.join('')}`
}
