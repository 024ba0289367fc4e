import sharp from 'sharp'
import type { EncodedImage } from '../../src/data/index.ts'
import { emoji } from '../../src/data/index.ts'

/**
 * A real picture as an opaque PNG of `size` pixels: Hugging Face's processors leave it as it is, where they would
 * scale others each in its own way and show what is beneath transparency.
 */
export async function emojiPicture(size: number): Promise<Buffer> {
  for await (const { image } of emoji({ split: 'heldOutStyle' }).samples()) {
    return sharp(sourceOf(image)).flatten({ background: '#ffffff' }).resize(size, size).png().toBuffer()
  }
  throw new Error('there is no emoji')
}

const sourceOf = (image: EncodedImage): string | Uint8Array => ('file' in image ? image.file : image.bytes)
