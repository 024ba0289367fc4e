import type { EncodedImage } from '../sample.ts'
import { libvips } from './libvips.ts'

/**
 * An image as libvips takes it: the path of a file, or bytes. A frame of a video becomes a PNG.
 * @throws Error for a frame that cannot be decoded.
 */
export async function encodedPicture(image: EncodedImage): Promise<string | Uint8Array> {
  if ('bytes' in image) return image.bytes
  if (image.frame === undefined) return image.file
  const { pixelsOfFrame } = await import('../video/index.ts')
  const { width, height, data } = await pixelsOfFrame(image.file, image.frame)
  const sharp = await libvips()
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer()
}
