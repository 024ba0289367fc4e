import { RequestError } from '../../../core/index.ts'

/**
 * Elements of a tensor of BYTES in binary: each has its length before it, 4 bytes little-endian.
 * @throws RequestError `serve/tensor` for elements that are cut short, or of another number.
 */
export function byteStrings(name: string, bytes: Uint8Array, count: number): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const elements: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4
    const end = start + (start <= bytes.length ? view.getUint32(at, true) : 0)
    if (start > bytes.length || end > bytes.length) throw refused(name, 'an element is cut short')
    if (elements.length === count) break
    elements.push(bytes.subarray(start, end))
    at = end
  }
  const used = elements.reduce((sum, { length }) => sum + 4 + length, 0)
  if (elements.length !== count || used !== bytes.length)
    throw refused(name, `its shape has ${count} elements, its bytes hold another number`)
  return elements
}

/** Elements of a tensor of BYTES in JSON, which are texts. @throws RequestError `serve/tensor`. */
export function byteStringsOfJson(name: string, data: readonly unknown[]): Uint8Array[] {
  return data.flat(8).map((value) => {
    if (typeof value === 'string') return Buffer.from(value)
    throw refused(name, 'an element of BYTES is no text')
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** An element as a text. @throws RequestError `serve/tensor` for bytes that are not UTF-8. */
export function textOf(name: string, bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw refused(name, 'a text is not UTF-8')
  }
}

/** Texts as the elements of a tensor of an answer. */
export interface ByteStrings {
  readonly dtype: 'bytes'
  readonly shape: readonly number[]
  readonly data: readonly string[]
}

export const byteStringsOf = (texts: readonly string[]): ByteStrings => ({
  dtype: 'bytes',
  shape: [texts.length],
  data: texts,
})

/** Elements in binary: each with its length before it, 4 bytes little-endian. */
export function bytesOf(texts: readonly string[]): Uint8Array {
  return Buffer.concat(
    texts.flatMap((text) => {
      const content = Buffer.from(text)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(content.length)
      return [length, content]
    }),
  )
}

const refused = (name: string, problem: string): RequestError =>
  new RequestError('serve/tensor', `tensor ${name}: ${problem}`, { name })
