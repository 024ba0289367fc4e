import { execFile } from 'node:child_process'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DataError, publishFile } from '../../core/index.ts'
import type { CameraPixels } from '../images/index.ts'
import {
  type FilePlace,
  type LerobotInfo,
  lerobotFiles,
  lerobotPath,
  lerobotSizes,
  type VideoPart,
} from './layout.ts'
import { fieldsOf, nextFile } from './recorded-files.ts'
import { VideoEncoder } from './video-encoder.ts'

/** The file of a camera to which videos of episodes are added. */
interface OpenVideo {
  readonly place: FilePlace
  readonly frames: number
}

/** Videos of the cameras of a data set: of the episode under way, and the files that they join when it is saved. */
export class EpisodeVideos {
  readonly #directory: string
  readonly #scratch: string
  readonly #encoder: string
  readonly #info: LerobotInfo
  readonly #running = new Map<string, VideoEncoder>()
  readonly #open = new Map<string, OpenVideo>()
  readonly #last: Map<string, FilePlace>

  /**
   * @param scratch Directory for unfinished files, in the same file system.
   * @param last The last file of each camera that has any; new episodes go into other ones.
   */
  constructor(
    directory: string,
    scratch: string,
    encoder: string,
    info: LerobotInfo,
    last: Readonly<Record<string, FilePlace>>,
  ) {
    this.#directory = directory
    this.#scratch = scratch
    this.#encoder = encoder
    this.#info = info
    this.#last = new Map(Object.entries(last))
  }

  async add(camera: string, pixels: CameraPixels): Promise<void> {
    let encoder = this.#running.get(camera)
    if (encoder === undefined) {
      encoder = new VideoEncoder(this.#unfinished(camera), this.#encoder, { ...pixels, fps: this.#info.fps })
      this.#running.set(camera, encoder)
    }
    await encoder.add(pixels)
  }

  /** Finish the videos of an episode and put them where they belong; the parts count once {@link keep} is called. */
  async finish(frames: number): Promise<Record<string, VideoPart>> {
    const cameras = [...this.#running]
    await Promise.all(cameras.map(([, encoder]) => encoder.finish()))
    const parts: Record<string, VideoPart> = {}
    for (const [camera] of cameras) parts[camera] = await this.#publish(camera, frames)
    this.#running.clear()
    return parts
  }

  /** The saved episode has these videos. */
  keep(parts: Readonly<Record<string, VideoPart>>, frames: number): void {
    for (const [camera, { chunk, file }] of Object.entries(parts)) {
      const open = this.#open.get(camera)
      const isSame = open?.place.chunk === chunk && open.place.file === file
      this.#open.set(camera, { place: { chunk, file }, frames: (isSame ? open.frames : 0) + frames })
    }
  }

  /** Drop the episode under way. Files that it may have reached are not added to. */
  async abandon(): Promise<void> {
    this.#open.clear()
    await Promise.all([...this.#running.values()].map((encoder) => encoder.abandon()))
    this.#running.clear()
  }

  #unfinished = (camera: string): string => join(this.#scratch, `${camera}.mp4`)

  async #publish(camera: string, frames: number): Promise<VideoPart> {
    const { fps, chunks_size, video_files_size_in_mb: limit = lerobotSizes.videoMegabytes } = this.#info
    const finished = this.#unfinished(camera)
    const open = this.#open.get(camera)
    const part = (place: FilePlace, before: number): VideoPart => ({
      ...place,
      fromTimestamp: before / fps,
      toTimestamp: (before + frames) / fps,
    })
    if (open) {
      const path = this.#path(camera, open.place)
      if (statSync(path).size + statSync(finished).size < limit * 2 ** 20) {
        publishFile(await this.#joined(camera, path, finished), path)
        return part(open.place, open.frames)
      }
    }
    const last = this.#last.get(camera)
    const place = last ? nextFile(last, chunks_size) : { chunk: 0, file: 0 }
    this.#last.set(camera, place)
    publishFile(finished, this.#path(camera, place))
    return part(place, 0)
  }

  #path(camera: string, place: FilePlace): string {
    return join(this.#directory, lerobotPath(lerobotFiles.videos, { video_key: camera, ...fieldsOf(place) }))
  }

  /** One video of two, without decoding. */
  async #joined(camera: string, first: string, second: string): Promise<string> {
    const joined = join(this.#scratch, `${camera}.joined.mp4`)
    const list = join(this.#scratch, `${camera}.txt`)
    const line = (path: string) => `file '${path.replaceAll("'", "'\\''")}'\n`
    writeFileSync(list, [first, second].map(line).join(''))
    const input = ['-v', 'error', '-y', '-f', 'concat', '-safe', '0', '-i', list]
    try {
      await promisify(execFile)('ffmpeg', [...input, '-c', 'copy', joined])
    } catch (cause) {
      throw new DataError(
        'data/video-encoder',
        `${first}: ffmpeg did not add an episode to the video: ${(cause as Error).message}`,
        { file: first },
        { cause },
      )
    }
    return joined
  }
}
