import type { Sample } from '../sample.ts'
import { mostPixels } from './decode.ts'
import { encodedPicture } from './encoded-picture.ts'
import { libvips } from './libvips.ts'

/** Side of a thumbnail in pixels: sharp enough for a page on a dense screen, light enough for hundreds. */
const side = 96

/** A small PNG of a sample's image for people to look at: the whole image, transparency kept. */
export async function thumbnail({ image }: Pick<Sample, 'image'>): Promise<Uint8Array> {
  const input = await encodedPicture(image)
  const background = { r: 0, g: 0, b: 0, alpha: 0 }
  const sharp = await libvips()
  return sharp(input, { limitInputPixels: mostPixels })
    .autoOrient()
    .resize(side, side, { fit: 'contain', background })
    .png({ palette: true })
    .toBuffer()
}
