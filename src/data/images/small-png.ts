import { crc32, inflateSync } from 'node:zlib'
import type { Plain } from './pixels.ts'

/** Pixels of the largest image that is small. */
export const mostSmallPixels = 128 * 128
const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Chunks of a small PNG. The third gives pixels for each metre. */
const knownChunks = ['IHDR', 'PLTE', 'pHYs', 'tRNS', 'IDAT']
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

/**
 * Decode a small PNG, as of icons and emoji: 8 bits for each channel, not interlaced, at most 128 × 128 pixels, with
 * only pixels and a palette. In this thread it takes a fifth of the time of a call to libvips, which is made for large
 * images. Undefined for any other or broken PNG, which is left to libvips.
 */
export function decodeSmallPng(bytes: Uint8Array): Plain | undefined {
  const chunks = chunksOf(bytes)
  const header = chunks?.get('IHDR')
  const data = chunks?.get('IDAT')
  if (!header || !data || header.length !== 13) return undefined
  const { width, height, depth, color, compression, filter, interlaced } = fieldsOf(header)
  const channels = channelsOf[color]
  if (channels === undefined || depth !== 8 || compression + filter + interlaced > 0) return undefined
  if (width * height === 0 || width * height > mostSmallPixels) return undefined
  const [palette, transparency] = [chunks!.get('PLTE'), chunks!.get('tRNS')]
  if ((color === 3) !== (palette !== undefined) || (transparency && color !== 3)) return undefined
  const lines = linesOf(data, width * channels, height, channels)
  return lines && colorsOf(lines, { width, height, channels, palette, transparency })
}

/** Chunks by type, data joined; undefined for an unknown chunk or a wrong checksum. */
function chunksOf(bytes: Uint8Array): Map<string, Uint8Array> | undefined {
  if (!signature.every((byte, i) => bytes[i] === byte)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const chunks = new Map<string, Uint8Array>()
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    if (end + 4 > bytes.length || crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) return undefined
    if (type === 'IEND') return chunks
    const data = bytes.subarray(at + 8, end)
    const known = chunks.get(type)
    if (!knownChunks.includes(type) || (known && type !== 'IDAT')) return undefined
    chunks.set(type, known ? Buffer.concat([known, data]) : data)
    at = end + 4
  }
  return undefined
}

function fieldsOf(header: Uint8Array) {
  const view = new DataView(header.buffer, header.byteOffset)
  const [depth = 0, color = 0, compression = 0, filter = 0, interlaced = 0] = header.subarray(8)
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    depth,
    color,
    compression,
    filter,
    interlaced,
  }
}

/** Inflate, and add to each byte the prediction of its line's filter; `step` bytes are a pixel. */
function linesOf(data: Uint8Array, length: number, height: number, step: number): Uint8Array | undefined {
  const packed = inflated(data, (length + 1) * height)
  if (packed === undefined) return undefined
  const lines = new Uint8Array(length * height)
  for (let y = 0; y < height; y++) {
    const filter = packed[y * (length + 1)]!
    if (filter > 4) return undefined
    for (let x = 0, to = y * length, from = to + y + 1; x < length; x++, to++, from++) {
      const left = x < step ? 0 : lines[to - step]!
      const up = y === 0 ? 0 : lines[to - length]!
      const corner = x < step || y === 0 ? 0 : lines[to - length - step]!
      lines[to] = packed[from]! + prediction(filter, left, up, corner)
    }
  }
  return lines
}

function inflated(data: Uint8Array, length: number): Uint8Array | undefined {
  try {
    const packed = inflateSync(data, { maxOutputLength: length })
    return packed.length === length ? packed : undefined
  } catch {
    return undefined
  }
}

function prediction(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  const [toLeft, toUp] = [Math.abs(up - corner), Math.abs(left - corner)]
  const toCorner = Math.abs(left + up - 2 * corner)
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

function colorsOf(
  lines: Uint8Array,
  picture: {
    readonly width: number
    readonly height: number
    readonly channels: number
    readonly palette: Uint8Array | undefined
    readonly transparency: Uint8Array | undefined
  },
): Plain | undefined {
  const { width, height, channels, palette, transparency } = picture
  if (channels === 4) return { width, height, data: lines }
  const data = new Uint8Array(4 * width * height)
  const grey = channels < 3
  for (let from = 0, to = 0; to < data.length; from += channels, to += 4) {
    const index = lines[from]!
    if (palette && 3 * index >= palette.length) return undefined
    for (let c = 0; c < 3; c++)
      data[to + c] = palette ? palette[3 * index + c]! : lines[grey ? from : from + c]!
    const alpha = channels === 2 ? lines[from + 1] : transparency?.[index]
    data[to + 3] = alpha ?? 255
  }
  return { width, height, data }
}
