import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { EncodedImage, Origin } from '../../sample.ts'

/** One drawing and its origin. */
export interface Drawing {
  readonly image: EncodedImage
  readonly origin: Origin
}

/** The drawings of one style by hexcode. */
export type Drawings = ReadonlyMap<string, Drawing>

/** Hash of the encoded bytes: equal for equal images. */
export function contentHash(image: EncodedImage): string {
  const bytes = 'file' in image ? readFileSync(image.file) : image.bytes
  return createHash('sha256').update(bytes).digest('base64')
}
