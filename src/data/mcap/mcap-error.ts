import { DataError } from '../../core/index.ts'

/** A time of a log in words: seconds since 1970, or since the beginning of a simulation. */
export const spokenTime = (nanoseconds: bigint): string => `${(Number(nanoseconds) / 1e9).toFixed(3)} s`

/** The error about a file that cannot be read. */
export const fileError = (file: string, problem: string, cause?: unknown): DataError =>
  new DataError('data/mcap-file', `${file}: ${problem}`, { file }, { cause })

/** Place of a message: its file, its topic, and the time of the log in nanoseconds. */
export interface MessagePlace {
  readonly file: string
  readonly topic: string
  readonly time: bigint
}

/** The error about a message. */
export const messageError = (
  { file, topic, time }: MessagePlace,
  problem: string,
  cause?: unknown,
): DataError =>
  new DataError(
    'data/mcap-message',
    `${file}, topic ${topic} at ${spokenTime(time)}: ${problem}`,
    { file, topic, time: String(time) },
    { cause },
  )

/** The error about a topic that falls silent. */
export const gapError = ({ file, topic, time }: MessagePlace, problem: string): DataError =>
  new DataError(
    'data/mcap-gap',
    `${file}, topic ${topic} at ${spokenTime(time)}: ${problem}. Cut the recording, or allow more with maximumGap in the topic map`,
    { file, topic, time: String(time) },
  )
