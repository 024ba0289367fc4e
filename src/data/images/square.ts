import { centred, type DecodeOptions, scaledSize } from './fit.ts'
import type { Pixels, Rectangle } from './pixels.ts'
import { resample } from './resample.ts'

/**
 * Square of pixels of any size: scaled where they do not have the size yet, then cut off or filled up on both sides alike. It needs
 * no package, so that a browser makes the same square.
 */
export function toSquare(pixels: Pixels, options: DecodeOptions): Pixels {
  const { resolution, kernel } = options
  const { width, height } = scaledSize(pixels, options)
  const frame = centred({ width, height }, resolution)
  const { left, top } = frame
  const shown = {
    left: Math.max(0, -left),
    top: Math.max(0, -top),
    width: Math.min(width, resolution),
    height: Math.min(height, resolution),
  }
  const isScaled = width !== pixels.width || height !== pixels.height
  const part = isScaled ? resample(pixels, { width, height }, shown, kernel) : cut(pixels, shown)
  if (shown.width === resolution && shown.height === resolution) return { ...part, frame }
  const square = new Uint8Array(resolution * resolution * 4)
  for (let y = 0; y < shown.height; y++) {
    const row = part.data.subarray(y * shown.width * 4, (y + 1) * shown.width * 4)
    square.set(row, ((y + Math.max(0, top)) * resolution + Math.max(0, left)) * 4)
  }
  return { width: resolution, height: resolution, data: square, frame }
}

/** Rectangle of an image; the image itself where the rectangle covers all of it. */
function cut(pixels: Pixels, { left, top, width, height }: Rectangle): Pixels {
  if (width === pixels.width && height === pixels.height) return pixels
  const data = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y++) {
    const start = ((y + top) * pixels.width + left) * 4
    data.set(pixels.data.subarray(start, start + width * 4), y * width * 4)
  }
  return { width, height, data }
}

/** Multiply colours by alpha, rounded, in place. */
export function premultiply(data: Uint8Array): Uint8Array {
  for (let i = 0; i < data.length; i += 4) {
    const alpha = data[i + 3]!
    if (alpha === 255) continue
    for (let c = i; c < i + 3; c++) data[c] = Math.round((data[c]! * alpha) / 255)
  }
  return data
}
