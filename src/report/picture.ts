import { DataError } from '../core/index.ts'

const signatures: readonly (readonly [type: string, offset: number, text: string])[] = [
  ['image/png', 1, 'PNG'],
  ['image/jpeg', 0, '\u00ff\u00d8\u00ff'],
  ['image/webp', 8, 'WEBP'],
]

/**
 * An encoded image as a `data:` address, so that a page needs no other file.
 *
 * @param bytes PNG, JPEG or WebP.
 * @throws DataError `report/unknown-picture` for other bytes.
 */
export function pictureAddress(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found = signatures.find(
    ([, offset, text]) => buffer.toString('latin1', offset, offset + text.length) === text,
  )
  if (found) return `data:${found[0]};base64,${buffer.toString('base64')}`
  throw new DataError(
    'report/unknown-picture',
    'a picture in a report must be PNG, JPEG or WebP; encode it first',
    {
      firstBytes: [...bytes.subarray(0, 12)],
    },
  )
}
