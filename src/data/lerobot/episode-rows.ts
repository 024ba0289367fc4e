import { type FileHandle, open } from 'node:fs/promises'
import { type AsyncBuffer, type FileMetaData, parquetReadObjects } from 'hyparquet'
import { DataError } from '../../core/index.ts'
import { readFooter } from '../sources/parquet/footer.ts'
import type { WindowedFeature } from './chosen-features.ts'
import { toleranceSeconds } from './chosen-features.ts'
import type { Episode } from './episode.ts'
import { frameError } from './frame-error.ts'
import { layoutError } from './layout.ts'

/** Rows of an episode: what its frames hold beside pictures. */
export interface EpisodeRows {
  /** Seconds from the beginning of the episode. */
  readonly timestamps: Float64Array
  readonly taskIndices: readonly number[]
  /** Values by the names of features, frame after frame. */
  readonly values: Readonly<Record<string, Float32Array | BigInt64Array | Int32Array | Uint8Array>>
  /** First frame of each feature that holds what is no finite number, by frame, with the feature's name. */
  readonly unusable: ReadonlyMap<number, string>
}

/** Reader of the rows of episodes. It keeps the last file open, since several episodes share one. */
export class EpisodeReader {
  readonly #features: readonly WindowedFeature[]
  readonly #fps: number
  #open: { file: string; handle: FileHandle; buffer: AsyncBuffer; metadata: FileMetaData } | undefined

  constructor(features: readonly WindowedFeature[], fps: number) {
    this.#features = features
    this.#fps = fps
  }

  /**
   * Read the rows of an episode.
   * @returns The rows, or the error for all frames of an episode that cannot be read or whose frames do not follow
   * each other in time.
   * @throws DataError for a file that is no Parquet file.
   */
  async read(episode: Episode): Promise<EpisodeRows | DataError> {
    const { file, row } = episode.data
    const { buffer, metadata } = await this.#fileOf(file)
    const columns = ['timestamp', 'frame_index', 'episode_index', 'task_index']
    const { compressors } = await import('hyparquet-compressors') // many modules, for those who read Parquet
    try {
      const rows = await parquetReadObjects({
        file: buffer,
        metadata,
        columns: [...columns, ...this.#features.map(({ key }) => key)],
        rowStart: row,
        rowEnd: row + episode.length,
        compressors,
      })
      if (rows.length < episode.length)
        return layoutError(
          file,
          `episode ${episode.index} begins at row ${row} and has ${episode.length} frames, but the file ends after ${row + rows.length} rows`,
        )
      return problemOfTime(rows, episode, this.#fps) ?? this.#rowsOf(rows, episode)
    } catch (cause) {
      if (cause instanceof DataError) return cause
      return layoutError(
        file,
        `episode ${episode.index} cannot be decoded: ${(cause as Error).message}`,
        cause,
      )
    }
  }

  async close(): Promise<void> {
    const { handle } = this.#open ?? {}
    this.#open = undefined
    await handle?.close()
  }

  async #fileOf(file: string): Promise<{ buffer: AsyncBuffer; metadata: FileMetaData }> {
    if (this.#open?.file === file) return this.#open
    await this.close()
    const metadata = readFooter(file)
    const handle = await open(file)
    const { size } = await handle.stat()
    const buffer: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(end - start)
        await handle.read(bytes, 0, bytes.length, start)
        return bytes.buffer
      },
    }
    this.#open = { file, handle, buffer, metadata }
    return this.#open
  }

  #rowsOf(rows: readonly Record<string, unknown>[], episode: Episode): EpisodeRows {
    const unusable = new Map<number, string>()
    const values = this.#features.map(({ name, key, dtype, shape }) => {
      const width = shape.reduce((product, size) => product * size, 1)
      const flat = emptyValues(dtype, rows.length * width)
      for (const [frame, row] of rows.entries()) {
        const value = flatValue(row[key])
        if (value.length !== width)
          throw frameError(
            episode,
            frame,
            key,
            `it has ${value.length} values, but info.json says [${shape}]`,
          )
        if (value.some((number) => typeof number !== 'bigint' && !Number.isFinite(Number(number))))
          if (!unusable.has(frame)) unusable.set(frame, key)
        flat.set(
          (dtype === 'int64' ? value.map((number) => BigInt(number as bigint)) : value.map(Number)) as never,
          frame * width,
        )
      }
      return [name, flat] as const
    })
    return {
      timestamps: Float64Array.from(rows, ({ timestamp }) => Number(timestamp)),
      taskIndices: rows.map(({ task_index }) => Number(task_index)),
      values: Object.fromEntries(values),
      unusable,
    }
  }
}

function emptyValues(dtype: WindowedFeature['dtype'], length: number) {
  if (dtype === 'int64') return new BigInt64Array(length)
  if (dtype === 'int32') return new Int32Array(length)
  return dtype === 'bool' ? new Uint8Array(length) : new Float32Array(length)
}

/** Numbers of one frame, in any nesting; a missing one is no number. */
const flatValue = (value: unknown): unknown[] =>
  (Array.isArray(value) || ArrayBuffer.isView(value)
    ? Array.from(value as ArrayLike<unknown>)
    : [value]
  ).flatMap((inner) => (Array.isArray(inner) ? flatValue(inner) : [inner ?? Number.NaN]))

/** Error for rows that are not those of the episode, frame after frame at its rate. */
function problemOfTime(
  rows: readonly Record<string, unknown>[],
  episode: Episode,
  fps: number,
): DataError | undefined {
  let earlier = Number.NaN
  for (const [frame, row] of rows.entries()) {
    const wrong = (key: string, problem: string) => frameError(episode, frame, key, problem)
    if (Number(row.episode_index) !== episode.index)
      return wrong('episode_index', `the row belongs to episode ${row.episode_index}`)
    if (Number(row.frame_index) !== frame) return wrong('frame_index', `the row has frame ${row.frame_index}`)
    const time = Number(row.timestamp)
    const allowed = toleranceSeconds + Math.abs(time) * 2 ** -22 // times are float32
    if (!Number.isFinite(time)) return wrong('timestamp', `it is ${time}`)
    if (frame > 0 && Math.abs(time - earlier - 1 / fps) > allowed)
      return wrong(
        'timestamp',
        `it is ${time.toFixed(4)} s, ${(time - earlier).toFixed(4)} s after the frame before, but at ${fps} frames a second ${(1 / fps).toFixed(4)} s pass`,
      )
    earlier = time
  }
  return undefined
}
