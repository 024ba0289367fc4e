import { DataError } from '../../core/index.ts'
import type { CameraPixels, Color, Pixels } from '../../data/images/index.ts'
import { premultiply, toSquare } from '../../data/images/square.ts'
import type { ImageProcessing } from '../image-processing.ts'

/** Largest number of pixels that is decoded: a browser's canvas holds no more everywhere. */
const mostPixels = 1e8

/**
 * The pixels of a picture, decoded by the browser: turned as its EXIF orientation says, converted to sRGB.
 * @param name Name of the picture in messages.
 * @throws DataError `data/unreadable-image` for a picture that is damaged, empty, too large or of another format.
 */
export async function decodePicture(picture: Blob, name: string): Promise<Pixels> {
  const bitmap = await createImageBitmap(picture, { premultiplyAlpha: 'none' }).catch((cause: Error) => {
    throw unreadable(name, 'it is damaged, or none of the formats that this browser shows', cause)
  })
  try {
    const { width, height } = bitmap
    if (width * height > mostPixels)
      throw unreadable(
        name,
        `it has ${width} × ${height} pixels, which are more than ${mostPixels / 1e6} million`,
      )
    const canvas = canvasOf({ width, height })
    canvas.drawImage(bitmap, 0, 0)
    const { data } = canvas.getImageData(0, 0, width, height)
    return { width, height, data: premultiply(new Uint8Array(data.buffer)) }
  } finally {
    bitmap.close()
  }
}

/**
 * The square of a picture that a model sees, laid on its background, by the code that prepares it on a robot.
 * @param side Side of the square. Default: that of the model.
 */
export function squarePicture(pixels: Pixels, image: ImageProcessing, side = image.size): CameraPixels {
  const { fit, cropFraction, kernel, background } = image
  const square = toSquare(pixels, { resolution: side, fit, cropFraction, kernel })
  return { width: side, height: side, data: laidOn(square.data, background) }
}

/** Red, green and blue of premultiplied colours on a background. */
function laidOn(data: Uint8Array, background: Color): Uint8Array {
  const colors = new Uint8Array((data.length / 4) * 3)
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    const behind = 255 - data[from + 3]!
    for (let c = 0; c < 3; c++) colors[to + c] = Math.round(data[from + c]! + behind * background[c]!)
  }
  return colors
}

/** A canvas that shows pixels. */
export function shown({ width, height, data }: CameraPixels): HTMLCanvasElement {
  const canvas = canvasOf({ width, height })
  const picture = canvas.createImageData(width, height)
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    picture.data.set(data.subarray(from, from + 3), to)
    picture.data[to + 3] = 255
  }
  canvas.putImageData(picture, 0, 0)
  return canvas.canvas
}

function canvasOf(size: { readonly width: number; readonly height: number }): CanvasRenderingContext2D {
  const canvas = Object.assign(document.createElement('canvas'), size)
  return canvas.getContext('2d', { willReadFrequently: true, colorSpace: 'srgb' })!
}

const unreadable = (name: string, reason: string, cause?: unknown): DataError =>
  new DataError('data/unreadable-image', `${name} cannot be decoded: ${reason}`, { image: name }, { cause })
