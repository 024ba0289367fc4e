import sharp from 'sharp'
import type { Rendering } from './render-scene.ts'

/** Encode an image [height, width, 3] as PNG, without metadata that differs between runs. */
export const encodePng = ({
  width,
  height,
  color,
}: Pick<Rendering, 'width' | 'height' | 'color'>): Promise<Uint8Array> =>
  sharp(color, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer()
