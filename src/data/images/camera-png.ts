import { libvips } from './libvips.ts'
import type { CameraPixels } from './pixels.ts'

/** A PNG of a camera's picture. */
export async function cameraPng({ width, height, data }: CameraPixels): Promise<Uint8Array> {
  const sharp = await libvips()
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}
