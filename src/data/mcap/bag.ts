import { readdirSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { McapIndexedReader, McapTypes } from '@mcap/core'
import { DataError, optionalPackage } from '../../core/index.ts'
import { expandBraces, matchingPaths } from '../sources/shards.ts'
import { fileError, spokenTime } from './mcap-error.ts'

/** A message as it stands in a file. */
export interface BagMessage {
  readonly file: string
  readonly topic: string
  /** Time of the log, in nanoseconds. */
  readonly time: bigint
  readonly data: Uint8Array
  readonly channel: McapTypes.Channel
  /** Undefined for messages without a schema. */
  readonly schema: McapTypes.Schema | undefined
}

/** Files of one bag: a file `*.mcap`, or those of a directory as ROS 2 makes it, which follow each other in time. */
export interface BagFiles {
  readonly path: string
  readonly files: readonly string[]
}

/**
 * Bags that a pattern names; braces, `*` and `?` as in shards.
 * @throws DataError `data/no-shards`, `data/missing-shard`; `data/mcap-file` for a directory without a file.
 */
export const listBags = (pattern: string): BagFiles[] =>
  expandBraces(pattern)
    .flatMap(matchingPaths)
    .map((path) => ({ path, files: statSync(path).isDirectory() ? filesIn(path) : [path] }))

function filesIn(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.mcap'))
  if (names.length === 0) throw fileError(directory, 'no *.mcap stands in this directory')
  return names
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true })) // my_bag_10.mcap comes after my_bag_9.mcap
    .map((name) => join(directory, name))
}

interface OpenFile {
  readonly file: string
  readonly handle: FileHandle
  readonly reader: McapIndexedReader
}

/** An open bag. */
export class Bag {
  readonly path: string
  readonly #files: readonly OpenFile[]

  private constructor(path: string, files: readonly OpenFile[]) {
    this.path = path
    this.#files = files
  }

  /** @throws DataError `data/mcap-file` for a file that is cut short, damaged or has no index. */
  static async open({ path, files }: BagFiles): Promise<Bag> {
    const opened: OpenFile[] = []
    try {
      for (const file of files) opened.push(await openFile(file))
      return new Bag(path, opened)
    } catch (error) {
      for (const { handle } of opened) await handle.close()
      throw error
    }
  }

  async close(): Promise<void> {
    for (const { handle } of this.#files) await handle.close()
  }

  /** Names of all topics. */
  get topics(): readonly string[] {
    const all = this.#files.flatMap(({ reader }) => [...reader.channelsById.values()])
    return [...new Set(all.map(({ topic }) => topic))].sort()
  }

  /** Messages of topics, in the order of the log. */
  async *messages(topics: readonly string[]): AsyncGenerator<BagMessage> {
    let before = 0n
    for (const opened of this.#files) {
      for await (const message of messagesOf(opened, topics, false)) {
        if (message.time < before)
          throw fileError(
            opened.file,
            `its messages begin at ${spokenTime(message.time)}, before those of the file ahead of it end: files of one bag follow each other`,
          )
        before = message.time
        yield message
      }
    }
  }

  /**
   * Times of the first and last message of a topic.
   * @throws DataError `data/mcap-topic` where it is missing or has no message.
   */
  async range(topic: string): Promise<{ readonly first: bigint; readonly last: bigint }> {
    const { path, topics } = this
    if (!topics.includes(topic))
      throw new DataError(
        'data/mcap-topic',
        `${path} has no topic ${topic}; there are ${topics.join(', ') || 'none'}`,
        { file: path, topic, known: topics },
      )
    const first = await this.#end(topic, false)
    const last = await this.#end(topic, true)
    if (first === undefined || last === undefined)
      throw new DataError('data/mcap-topic', `${path}: topic ${topic} has no message`, { file: path, topic })
    return { first, last }
  }

  async #end(topic: string, isLast: boolean): Promise<bigint | undefined> {
    for (const opened of isLast ? this.#files.toReversed() : this.#files)
      for await (const { time } of messagesOf(opened, [topic], isLast)) return time
    return undefined
  }
}

async function openFile(file: string): Promise<OpenFile> {
  const { McapIndexedReader } = await optionalPackage(
    '@mcap/core',
    'reading MCAP',
    () => import('@mcap/core'),
  )
  const decompressHandlers = await decompression()
  const handle = await open(file)
  try {
    const readable = {
      size: async () => BigInt((await handle.stat()).size),
      async read(offset: bigint, size: bigint) {
        const bytes = new Uint8Array(Number(size))
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, Number(offset))
        if (bytesRead < bytes.length) throw new Error(`the file ends at ${offset + BigInt(bytesRead)}`)
        return bytes
      },
    }
    const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers })
    const { statistics, chunkIndexes } = reader
    if (chunkIndexes.length === 0 && statistics?.messageCount !== 0n) throw new Error('it has no chunks')
    const bare = chunkIndexes.find(({ messageIndexOffsets }) => messageIndexOffsets.size === 0)
    if (bare && bare.uncompressedSize > 0n) throw new Error('a chunk has no index of its messages')
    return { file, handle, reader }
  } catch (cause) {
    await handle.close()
    const problem = `it cannot be read as an MCAP file with an index: ${(cause as Error).message}. Of a recording that was cut short \`mcap recover\` saves what is there`
    throw fileError(file, problem, cause)
  }
}

/** Functions that unpack chunks, by the names of their compressions. */
async function decompression(): Promise<McapTypes.DecompressHandlers> {
  const [lz4, zstd] = await optionalPackage('@foxglove/wasm-lz4 @foxglove/wasm-zstd', 'reading MCAP', () =>
    Promise.all([import('@foxglove/wasm-lz4'), import('@foxglove/wasm-zstd')]),
  )
  await lz4.default.isLoaded
  await zstd.isLoaded
  return {
    lz4: (bytes, size) => lz4.default(bytes, Number(size)),
    zstd: (bytes, size) => zstd.decompress(bytes, Number(size)),
  }
}

async function* messagesOf(
  { file, reader }: OpenFile,
  topics: readonly string[],
  reverse: boolean,
): AsyncGenerator<BagMessage> {
  const messages = reader.readMessages({ topics, reverse })
  try {
    for await (const { channelId, logTime, data } of messages) {
      const channel = reader.channelsById.get(channelId)
      if (channel === undefined)
        throw new Error(`a message belongs to channel ${channelId}, which is not there`)
      const schema = reader.schemasById.get(channel.schemaId)
      yield { file, topic: channel.topic, time: logTime, data, channel, schema }
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause
    throw fileError(file, `a chunk cannot be read: ${(cause as Error).message}`, cause)
  }
}
