/** Size of a tar block in bytes. */
export const tarBlock = 512

/** Content of a header, the block before a file. */
export interface TarHeader {
  /**
   * Type of the entry by POSIX's letter: `0` a file, `5` a folder, `x` and `g` attributes in pax records, `L` a long
   * name of GNU tar.
   */
  readonly type: string
  readonly name: string
  /** Bytes of the content, which begins with the next block. */
  readonly size: number
}

/**
 * Read a header (POSIX.1-1988 `ustar`, and the older form without a mark).
 * @param block 512 bytes.
 * @returns undefined for a block of zeros, two of which end an archive.
 * @throws Error when the checksum is wrong.
 */
export function parseTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined
  if (number(block, 148, 8) !== checksum(block)) {
    if (block[0] === 0x1f && block[1] === 0x8b)
      throw new Error('it is compressed by gzip; unpack it (gunzip)')
    throw new Error('Invalid tar header; this is no tar archive')
  }
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  return {
    type: block.toString('latin1', 156, 157).replace('\0', '0').replace('7', '0'),
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: number(block, 124, 12),
  }
}

/** The records of a pax header: `30 path=a/long/name.png⏎`, the length first. */
export function parsePaxRecords(content: Buffer): Record<string, string> {
  const records: Record<string, string> = {}
  for (let start = 0; start < content.length; ) {
    const space = content.indexOf(' ', start)
    const length = Number(content.toString('latin1', start, space))
    if (space < 0 || !(length > 0)) break
    const [key = '', ...value] = content.toString('utf8', space + 1, start + length - 1).split('=')
    records[key] = value.join('=')
    start += length
  }
  return records
}

/** The sum of all bytes, with spaces for the checksum itself. */
function checksum(block: Buffer): number {
  let sum = 8 * 32
  for (let i = 0; i < tarBlock; i++) sum += i >= 148 && i < 156 ? 0 : block[i]!
  return sum
}

/** Text up to the first zero. */
export function text(bytes: Buffer, start = 0, length = bytes.length): string {
  const end = bytes.indexOf(0, start)
  return bytes.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length))
}

/** Number of octal digits or, for a value too large for them, of a binary number whose first bit is set. */
function number(block: Buffer, start: number, length: number): number {
  if (block[start]! < 0x80) return Number.parseInt(text(block, start, length).trim() || '0', 8)
  return Number(BigInt(`0x${block.toString('hex', start + 1, start + length)}`))
}
