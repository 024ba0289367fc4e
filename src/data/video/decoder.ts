import { ConfigError } from '../../core/index.ts'
import { ffmpegDecoder, ffmpegPath } from './ffmpeg-decoder.ts'
import { hasNodeAv, nodeAvDecoder } from './node-av-decoder.ts'

/** A decoded frame of a video. */
export interface DecodedFrame {
  /** Presentation time in the file, in seconds. */
  readonly time: number
  readonly width: number
  readonly height: number
  /** Rows of RGB bytes. */
  readonly data: Uint8Array
}

/** Part of a video: the times of its first and last frame, and frames a second. */
export interface VideoRange {
  readonly from: number
  readonly to: number
  readonly fps: number
}

/** A decoder of videos: the seam behind which programs and libraries stand. */
export interface VideoDecoder {
  readonly name: string
  /**
   * Decode the frames from the first to the last of a range, in the order of their times.
   * @throws Error with the reason, in words.
   */
  frames(file: string, range: VideoRange): AsyncIterable<DecodedFrame>
}

/**
 * The decoder of this machine: `ffmpeg` where it is on the path, else the npm package `node-av` where it is installed.
 * @throws ConfigError `data/video-decoder` where there is neither.
 */
export function videoDecoder(): VideoDecoder {
  const program = ffmpegPath()
  if (program !== undefined) return ffmpegDecoder(program)
  if (hasNodeAv()) return nodeAvDecoder
  throw new ConfigError(
    'data/video-decoder',
    'the data has videos, and nothing decodes them here: install the program ffmpeg (apt install ffmpeg), or the npm ' +
      'package node-av, whose binary is under the GPL',
  )
}
