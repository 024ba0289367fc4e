/**
 * Table of characters and their replacements that SentencePiece compiles into a model, and that `tokenizer.json` keeps as a
 * normalizer of type `Precompiled`: NFKC with additions for SigLIP. It is applied as Python's `tokenizers` does.
 *
 * The table is the size of a trie in bytes (32 bits, little-endian), the trie, and the replacements, each ended by a zero.
 * The trie is a double array (Aoe 1989, as Darts-clone stores it): units of 32 bits with a label, an offset to the
 * children and a flag that a key ends there, whose value is the position of its replacement.
 */

/** Graphemes of this many bytes or more are looked up character by character. */
const longGrapheme = 6

/** A function that replaces what the table holds, from its form in base64. */
export function precompiledCharsmap(base64: string): (text: string) => string {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  const trieBytes = new DataView(bytes.buffer).getUint32(0, true)
  const trie = new Uint32Array(bytes.slice(4, 4 + trieBytes).buffer)
  const replacements = bytes.subarray(4 + trieBytes)
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  const encoder = new TextEncoder()
  const decoder = new TextDecoder()

  const replacementOf = (piece: Uint8Array): string | undefined => {
    const start = shortestMatch(trie, piece)
    if (start === undefined) return undefined
    const end = replacements.indexOf(0, start)
    return decoder.decode(replacements.subarray(start, end < 0 ? replacements.length : end))
  }
  const replaced = (grapheme: string): string => {
    const bytes = encoder.encode(grapheme)
    const whole = bytes.length < longGrapheme ? replacementOf(bytes) : undefined
    if (whole !== undefined) return whole
    return Array.from(grapheme, (character) => replacementOf(encoder.encode(character)) ?? character).join('')
  }
  return (text) => Array.from(segmenter.segment(text), ({ segment }) => replaced(segment)).join('')
}

/** Value of the shortest key that `bytes` begin with. A grapheme that begins with a key is replaced as a whole. */
function shortestMatch(trie: Uint32Array, bytes: Uint8Array): number | undefined {
  let position = offsetOf(trie[0]!)
  for (const byte of bytes) {
    if (byte === 0) return undefined
    position ^= byte
    const unit = trie[position]
    if (unit === undefined || labelOf(unit) !== byte) return undefined
    position ^= offsetOf(unit)
    if (endsKey(unit)) return trie[position]! & 0x7fff_ffff
  }
  return undefined
}

const labelOf = (unit: number): number => (unit & 0x8000_00ff) >>> 0
const offsetOf = (unit: number): number => ((unit >>> 10) << ((unit & 0x200) >>> 6)) >>> 0
const endsKey = (unit: number): boolean => ((unit >>> 8) & 1) === 1
