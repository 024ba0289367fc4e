import sharp from 'sharp'

/** A PNG of 8 × 8 pixels in one colour. */
export const drawnPng = (): Promise<Buffer> =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: '#3366cc' } })
    .png()
    .toBuffer()
