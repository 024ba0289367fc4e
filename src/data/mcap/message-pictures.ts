import type { CameraPixels } from '../images/index.ts'
import type { BagMessage } from './bag.ts'
import { messageError } from './mcap-error.ts'
import type { Fields } from './message-decoder.ts'

/** Types of messages that hold pictures. */
const compressed = ['sensor_msgs/msg/CompressedImage', 'foxglove.CompressedImage']
const raw = ['sensor_msgs/msg/Image', 'foxglove.RawImage']

/** Layouts of pixels: bytes of a pixel, and where red, green and blue stand in it. */
const encodings: Readonly<Record<string, { readonly size: number; readonly rgb: readonly number[] }>> = {
  rgb8: { size: 3, rgb: [0, 1, 2] },
  bgr8: { size: 3, rgb: [2, 1, 0] },
  rgba8: { size: 4, rgb: [0, 1, 2] },
  bgra8: { size: 4, rgb: [2, 1, 0] },
  mono8: { size: 1, rgb: [0, 0, 0] },
}

/** Tell a message that holds a picture. */
export const isPicture = ({ schema }: Pick<BagMessage, 'schema'>): boolean =>
  [...compressed, ...raw].includes(schema?.name ?? '')

/**
 * Picture of a message: pixels of an Image, the encoded bytes of a CompressedImage as they are.
 * @throws DataError `data/mcap-message` for an encoding that is not read, or bytes that do not fit the size.
 */
export function pictureOf(
  message: BagMessage,
  fields: Fields,
): CameraPixels | { readonly bytes: Uint8Array } {
  const fail = (problem: string) => messageError(message, problem)
  const bytes = bytesOf(fields.data)
  if (bytes === undefined) throw fail(`its schema "${message.schema?.name}" has no bytes "data"`)
  if (!compressed.includes(message.schema?.name ?? '')) return pixelsOf(fields, bytes, fail)
  if (!/jpe?g|png|webp/i.test(String(fields.format)) || /depth/i.test(String(fields.format)))
    throw fail(`its format is "${fields.format}"; those that are read are jpeg, png and webp`)
  if (bytes.length === 0) throw fail('its picture has no bytes')
  return { bytes: bytes.slice() } // the message's bytes are part of a whole chunk
}

const bytesOf = (data: unknown): Uint8Array | undefined => {
  if (typeof data === 'string') return Buffer.from(data, 'base64') // JSON
  return data instanceof Uint8Array ? data : undefined
}

function pixelsOf(fields: Fields, bytes: Uint8Array, fail: (problem: string) => Error): CameraPixels {
  const [width, height, step] = [fields.width, fields.height, fields.step].map(Number) as [
    number,
    number,
    number,
  ]
  const encoding = String(fields.encoding)
  const layout = encodings[encoding]
  if (layout === undefined)
    throw fail(`its pixels are "${encoding}"; those that are read are ${Object.keys(encodings).join(', ')}`)
  const { size, rgb } = layout
  if (!(width > 0 && height > 0 && step >= size * width) || bytes.length < step * height)
    throw fail(
      `it has ${bytes.length} bytes in rows of ${step}, which hold no ${width} × ${height} pixels of ${size} bytes`,
    )
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [from, to] = [y * step + size * x, 3 * (y * width + x)]
      for (let i = 0; i < 3; i++) data[to + i] = bytes[from + rgb[i]!]!
    }
  }
  return { width, height, data }
}
