import { ConfigError } from '../../core/index.ts'
import { ffmpegDecoder, ffmpegPath } from './ffmpeg-decoder.ts'
import { hasNodeAv, videoPackages } from './node-av.ts'
import { nodeAvDecoder } from './node-av-decoder.ts'

/** A decoded frame of a video. */
export interface DecodedFrame {
  /** Presentation time in the file, in seconds. */
  readonly time: number
  readonly width: number
  readonly height: number
  /** Rows of RGB bytes. */
  readonly data: Uint8Array
}

/** Part of a video: the times of its first and last frame, in seconds, and frames a second. */
export interface VideoRange {
  readonly from: number
  readonly to: number
  readonly fps: number
}

/** A decoder of videos: the seam behind which programs and libraries stand. */
export interface VideoDecoder {
  readonly name: string
  /**
   * Decode a video from the key frame at or before `start` on.
   * @returns Frames whose time is `from` or later, in the order of their times.
   * @throws Error with the reason, in words.
   */
  decode(
    file: string,
    options: { readonly start: number; readonly from: number },
  ): AsyncIterable<DecodedFrame>
}

/**
 * The decoder of this machine: the program `ffmpeg` on the path, or else the npm packages `node-av` and `mediabunny`.
 * @throws ConfigError `data/video-decoder` where there is neither.
 */
export function videoDecoder(): VideoDecoder {
  const program = ffmpegPath()
  if (program !== undefined) return ffmpegDecoder(program)
  if (hasNodeAv()) return nodeAvDecoder()
  throw new ConfigError(
    'data/video-decoder',
    'the data has videos, and nothing decodes them here: install the program ffmpeg (apt install ffmpeg), or the npm packages ' +
      `${videoPackages.join(' and ')} (npm install ${videoPackages.join(' ')}), of which node-av is FFmpeg under the GPL`,
  )
}

/**
 * Seconds before the first frame at which decoding begins, one attempt after the other; the last begins with the file.
 * A video is entered at a key frame. Where groups of pictures are open (x265), frames shown before the key frame need
 * the group before, and decoders leave them out; then the attempt is made again from an earlier group.
 */
const leads = [0, 2, 10, 60, Number.POSITIVE_INFINITY]

/** Frames of a range of a video. Where the video has no frame at its beginning, the range begins later. */
export async function* framesOf(
  decoder: VideoDecoder,
  file: string,
  { from, to, fps }: VideoRange,
): AsyncGenerator<DecodedFrame> {
  const half = 0.5 / fps
  for (const lead of leads) {
    const start = Math.max(0, from - half - lead)
    let isWhole = start === 0
    for await (const frame of decoder.decode(file, { start, from: from - half })) {
      if (!isWhole && frame.time > from + half) break
      isWhole = true
      if (frame.time < to + half) yield frame
      if (frame.time > to - half) return
    }
    if (isWhole) return
  }
}
