import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { extract } from 'tar-stream'
import { DataError } from '../../core/index.ts'

/** One file in a tar. */
export interface TarEntry {
  readonly name: string
  /** Its content, while the archive stands here; what is not read is passed over. */
  read(): Promise<Uint8Array>
}

/** Zeros that end every archive: two empty blocks. */
const endMarkBytes = 1024

/**
 * The files of a tar archive one after the other, read as they are asked for.
 *
 * @throws DataError naming archive and entry when the archive is cut short, damaged or not readable.
 */
export async function* tarEntries(path: string): AsyncGenerator<TarEntry> {
  let last = 'its beginning'
  const damaged = (cause: unknown) => damagedShard(path, last, cause)
  const archive = extract()
  const file = createReadStream(path).on('error', (error) => archive.destroy(error))
  try {
    for await (const entry of file.pipe(archive)) {
      const { name, type } = entry.header
      last = name
      const read = () => buffer(entry).catch((cause) => Promise.reject(damaged(cause)))
      if (type === 'file') yield { name, read }
      entry.resume()
    }
    // An archive cut between two entries reads like a whole one but for its end.
    if (!(await hasEndMark(path))) throw new Error('the archive has no end; it was cut short')
  } catch (cause) {
    throw damaged(cause)
  } finally {
    file.destroy()
  }
}

const damagedShard = (path: string, last: string, cause: unknown): DataError =>
  new DataError(
    'data/damaged-shard',
    `${path}: cannot read on from ${last}: ${(cause as Error).message}. ` +
      'Fetch or pack the shard again, or leave the rest of it out with --on-bad-sample skip',
    { file: path, entry: last },
    { cause },
  )

async function hasEndMark(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    if (size < endMarkBytes) return false
    const { buffer } = await file.read(Buffer.alloc(endMarkBytes), 0, endMarkBytes, size - endMarkBytes)
    return buffer.every((byte) => byte === 0)
  } finally {
    await file.close()
  }
}
