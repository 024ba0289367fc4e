import { libvips } from './libvips.ts'
import type { Plain } from './pixels.ts'

/** Tags of a TIFF that decide how its numbers are read. */
const tags = { bits: 258, compression: 259, photometric: 262, format: 339 } as const

type Fields = Record<keyof typeof tags, number>

/** Values of TIFF's tags. */
const format = { signed: 2, float: 3 } as const
const yCbCr = 6
/** CIE, ICC and ITU LAB. */
const labs = [8, 9, 10]
const jpegCompressions = [6, 7]

/**
 * Decode a TIFF of floats between 0 and 1, and refuse those that libvips would show in wrong colours. Undefined for
 * TIFFs that libvips reads right, and for other files.
 * @throws Error naming what cannot be read.
 */
export async function decodeOddTiff(bytes: Uint8Array, limitInputPixels: number): Promise<Plain | undefined> {
  const fields = fieldsOf(bytes)
  const refusal = fields && refusalOf(fields)
  if (refusal !== undefined) throw new Error(`${refusal}. Save it as RGB of 8 or 16 bits`)
  if (fields?.format !== format.float) return undefined
  const sharp = await libvips()
  const image = sharp(bytes, { failOn: 'error', limitInputPixels }).autoOrient()
  const { channels } = await image.metadata()
  if (channels !== 1 && channels !== 3)
    throw new Error(
      `it has ${channels} channels of floats: only grey and RGB are read. Save it as RGB of 8 or 16 bits`,
    )
  const { data, info } = await image
    .toColourspace(channels === 1 ? 'b-w' : 'scrgb') // its own, so that nothing is converted
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true })
  const floats = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4)
  return { width: info.width, height: info.height, data: levelsOf(floats, channels) }
}

/** Floats in [0, 1] as RGBA bytes. */
function levelsOf(floats: Float32Array, channels: 1 | 3): Uint8Array {
  const beyond = floats.find((value) => !(value >= 0 && value <= 1))
  if (beyond !== undefined)
    throw new Error(
      `its pixels are floats, of which ${beyond} is outside of 0 to 1. Scale them, or save it with 8 or 16 bits`,
    )
  const data = new Uint8Array((floats.length / channels) * 4).fill(255)
  for (let from = 0, to = 0; from < floats.length; from += channels, to += 4) {
    for (let c = 0; c < 3; c++) data[to + c] = Math.round(floats[channels === 1 ? from : from + c]! * 255)
  }
  return data
}

/** Words for a kind of TIFF that libvips would read wrong; undefined where it reads right. */
function refusalOf({ bits, compression, photometric, ...fields }: Fields): string | undefined {
  if (photometric === yCbCr && !jpegCompressions.includes(compression))
    return 'its colours are YCbCr without JPEG, which are not read'
  // libvips takes D65 for the white of LAB, where TIFF means D50: up to 31 of 255 levels aside.
  if (labs.includes(photometric)) return 'its colours are LAB, which are not read'
  if (fields.format === format.float) return bits > 32 ? 'its pixels are floats of 64 bits' : undefined
  if (fields.format === format.signed) return `its pixels are signed integers of ${bits} bits`
  return bits > 16 ? `its pixels are integers of ${bits} bits` : undefined
}

/** The tags of the first image of a TIFF or BigTIFF, with TIFF's defaults; undefined for other or damaged files. */
function fieldsOf(bytes: Uint8Array): Fields | undefined {
  const order = String.fromCharCode(bytes[0] ?? 0, bytes[1] ?? 0)
  if (order !== 'II' && order !== 'MM') return undefined
  const little = order === 'II'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = (at: number) => Number(view.getBigUint64(at, little))
  try {
    const version = view.getUint16(2, little)
    if (version !== 42 && version !== 43) return undefined
    const isBig = version === 43
    const start = isBig ? whole(8) : view.getUint32(4, little)
    const count = isBig ? whole(start) : view.getUint16(start, little)
    const [first, step, atValue] = isBig ? [start + 8, 20, 12] : [start + 2, 12, 8]
    const values = new Map<number, number>()
    for (let i = 0; i < count; i++) {
      const entry = first + i * step
      const length = isBig ? whole(entry + 4) : view.getUint32(entry + 4, little)
      const inline = entry + atValue
      const place =
        length * 2 <= step - atValue ? inline : isBig ? whole(inline) : view.getUint32(inline, little)
      const tag = view.getUint16(entry, little)
      if (Object.values<number>(tags).includes(tag)) values.set(tag, view.getUint16(place, little))
    }
    const value = (tag: keyof Fields, usual: number) => values.get(tags[tag]) ?? usual
    return {
      bits: value('bits', 1),
      compression: value('compression', 1),
      photometric: value('photometric', 1),
      format: value('format', 1),
    }
  } catch {
    return undefined // libvips says what is wrong
  }
}
