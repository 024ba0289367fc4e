import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { ConfigError, DataError } from '../../core/index.ts'
import type { CameraPixels } from '../images/index.ts'

/** Codecs of videos, each with the encoders of ffmpeg that can write it, the first one that it has. */
const encoders = {
  av1: ['libsvtav1', 'libaom-av1'],
  h264: ['libx264', 'libopenh264', 'h264_videotoolbox', 'h264_v4l2m2m'],
  hevc: ['libx265', 'hevc_videotoolbox'],
} as const

export type VideoCodec = keyof typeof encoders
export const videoCodecs = Object.keys(encoders) as VideoCodec[]

/** Settings of an encoder beside LeRobot's: a key frame every second frame, constant quality 30. */
const settings: Readonly<Record<string, readonly string[]>> = {
  libsvtav1: ['-crf', '30', '-preset', '12'],
  'libaom-av1': ['-crf', '30', '-cpu-used', '8'],
  libx264: ['-crf', '30', '-bf', '0'],
  libx265: ['-crf', '30', '-bf', '0', '-x265-params', 'log-level=error', '-tag:v', 'hvc1'],
}

/** Shortest side of pictures that an encoder takes. */
const shortest: Readonly<Record<string, number>> = { libsvtav1: 64 }

/**
 * Name of the encoder that this machine's ffmpeg has for a codec.
 * @param side Shortest side of the videos, in pixels.
 * @throws ConfigError `config/ffmpeg` where there is no ffmpeg, or none that writes the codec.
 */
export async function encoderOf(codec: VideoCodec, side: number): Promise<string> {
  const listed = await listedEncoders()
  const writes = (name: string) =>
    new RegExp(`^ V\\S+ ${name} `, 'm').test(listed) && side >= (shortest[name] ?? 0)
  const found = encoders[codec].find(writes)
  if (found !== undefined) return found
  const others = videoCodecs.filter((other) => encoders[other].some(writes))
  throw new ConfigError(
    'config/ffmpeg',
    `this ffmpeg writes no ${codec} (${encoders[codec].join(', ')}); it writes ${others.join(', ') || 'none of the known codecs'}. ` +
      'Choose another videoCodec, or store the cameras as images (dtype image)',
    { codec },
  )
}

async function listedEncoders(): Promise<string> {
  try {
    return (await promisify(execFile)('ffmpeg', ['-hide_banner', '-encoders'])).stdout
  } catch (cause) {
    throw new ConfigError(
      'config/ffmpeg',
      'videos are written by the program ffmpeg, which cannot be started here: install it, or store the cameras as images (dtype image)',
      {},
      { cause },
    )
  }
}

/** A video that is being written: an ffmpeg process that takes pixels. */
export class VideoEncoder {
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #file: string
  #said = ''

  /** @param file Where to write the MP4. */
  constructor(
    file: string,
    encoder: string,
    { fps, width, height }: { readonly fps: number; readonly width: number; readonly height: number },
  ) {
    this.#file = file
    const input = [
      '-f',
      'rawvideo',
      '-pix_fmt',
      'rgb24',
      '-s',
      `${width}x${height}`,
      '-r',
      String(fps),
      '-i',
      '-',
    ]
    const output = ['-c:v', encoder, '-g', '2', ...(settings[encoder] ?? []), '-pix_fmt', 'yuv420p']
    const process = spawn('ffmpeg', ['-v', 'error', '-y', ...input, ...output, file], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    this.#process = process
    process.stderr?.on('data', (text) => {
      this.#said = `${this.#said}${text}`.slice(-2000)
    })
    process.stdin?.on('error', () => {}) // the reason stands in what it said
    this.#ended = once(process, 'close').catch((error: Error) => {
      this.#said += error.message
    })
  }

  async add({ data }: CameraPixels): Promise<void> {
    const { stdin, exitCode } = this.#process
    if (exitCode !== null || stdin === null || stdin.destroyed) throw await this.#failure()
    if (!stdin.write(data)) await Promise.race([once(stdin, 'drain'), this.#ended])
  }

  /** Wait for the end of the file. @throws DataError `data/video-encoder` with what ffmpeg said. */
  async finish(): Promise<void> {
    this.#process.stdin?.end()
    await this.#ended
    if (this.#process.exitCode !== 0) throw await this.#failure()
  }

  async abandon(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#ended
  }

  async #failure(): Promise<DataError> {
    await this.#ended
    return new DataError(
      'data/video-encoder',
      `${this.#file}: ffmpeg did not write the video: ${this.#said.trim() || 'it was ended'}`,
      { file: this.#file },
    )
  }
}
