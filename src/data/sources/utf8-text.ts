/**
 * Decode UTF-8. Other encodings are refused, because text would be garbled. A byte order mark is left out.
 * @throws Error `is not UTF-8 (…)`, with the way out.
 */
export function utf8Text(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Error(`is not UTF-8 (${(cause as Error).message}); save it as UTF-8`, { cause })
  }
}
