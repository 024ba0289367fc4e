import { type FileHandle, open } from 'node:fs/promises'
import { DataError } from '../../core/index.ts'
import { parsePaxRecords, parseTarHeader, type TarHeader, tarBlock, text } from './tar-header.ts'

/** One file in a tar. */
export interface TarEntry {
  readonly name: string
  /** Read the content, in bytes of its own; unread content is skipped. */
  read(): Promise<Uint8Array>
}

/**
 * Files of a tar archive in their order, read on request: bytes of an unread file are not fetched.
 *
 * @throws DataError naming archive and entry when the archive is cut short, damaged or not readable.
 */
export async function* tarEntries(path: string): AsyncGenerator<TarEntry> {
  let last = 'its beginning'
  const damaged = (cause: unknown) => damagedShard(path, last, cause)
  let archive: Archive | undefined
  try {
    archive = await Archive.open(path)
    for (let entry = await archive.next(); entry !== undefined; entry = await archive.next()) {
      const { name, position, size } = entry
      last = name
      const read = () => archive!.bytes(position, size).catch((cause) => Promise.reject(damaged(cause)))
      yield { name, read }
    }
  } catch (cause) {
    throw cause instanceof DataError ? cause : damaged(cause)
  } finally {
    await archive?.close()
  }
}

const damagedShard = (path: string, last: string, cause: unknown): DataError =>
  new DataError(
    'data/damaged-shard',
    `${path}: cannot read on from ${last}: ${(cause as Error).message}. Fetch or pack the shard again`,
    { file: path, entry: last },
    { cause },
  )

/** A file in an archive: its name, and the place of its bytes. */
interface Entry {
  readonly name: string
  readonly position: number
  readonly size: number
}

/** Count of bytes that are fetched at once. */
const windowBytes = 1024 ** 2

/** An archive that is read from header to header. */
class Archive {
  readonly #file: FileHandle
  readonly #size: number
  readonly #window = Buffer.alloc(windowBytes)
  #windowStart = 0
  #windowLength = 0
  /** Position of the next header. */
  #position = 0

  private constructor(file: FileHandle, size: number) {
    this.#file = file
    this.#size = size
  }

  static async open(path: string): Promise<Archive> {
    const file = await open(path)
    return new Archive(file, (await file.stat()).size)
  }

  close = (): Promise<void> => this.#file.close()

  /** The next file; undefined at the end. */
  async next(): Promise<Entry | undefined> {
    let name: string | undefined
    let size: number | undefined
    for (;;) {
      const header = await this.#header()
      if (header === undefined) return undefined
      const position = this.#position
      const content = () => this.bytes(position, header.size)
      if (header.type === 'L') name = text(Buffer.from(await content()))
      if (header.type === 'x') {
        const records = parsePaxRecords(Buffer.from(await content()))
        name = records.path ?? name
        size = records.size === undefined ? size : Number(records.size)
      }
      const length = size ?? header.size
      this.#position += Math.ceil((isAttribute(header) ? header.size : length) / tarBlock) * tarBlock
      if (header.type === '0') return { name: name ?? header.name, position, size: length }
      if (!isAttribute(header)) [name, size] = [undefined, undefined]
    }
  }

  /**
   * Read bytes of their own.
   * @throws Error when the file has fewer.
   */
  async bytes(position: number, length: number): Promise<Uint8Array> {
    if (length <= windowBytes) return new Uint8Array(await this.#view(position, length))
    const bytes = new Uint8Array(length)
    const { bytesRead } = await this.#file.read(bytes, 0, length, position)
    if (bytesRead < length) throw cutShort()
    return bytes
  }

  async #header(): Promise<TarHeader | undefined> {
    const header = parseTarHeader(await this.#view(this.#position, tarBlock))
    // An archive cut between two entries reads like a whole one but for its end.
    if (header === undefined) await this.#view(this.#position, 2 * tarBlock)
    else this.#position += tarBlock
    return header
  }

  /** View of bytes that holds until the next call. */
  async #view(position: number, length: number): Promise<Buffer> {
    if (position + length > this.#size) throw cutShort()
    if (position < this.#windowStart || position + length > this.#windowStart + this.#windowLength) {
      const { bytesRead } = await this.#file.read(this.#window, 0, windowBytes, position)
      this.#windowStart = position
      this.#windowLength = bytesRead
      if (bytesRead < length) throw cutShort()
    }
    const start = position - this.#windowStart
    return this.#window.subarray(start, start + length)
  }
}

/** Test for a header that describes the next one. */
const isAttribute = ({ type }: TarHeader): boolean => ['x', 'L', 'K', 'g'].includes(type)

const cutShort = (): Error => new Error('the archive ends here; it was cut short')
