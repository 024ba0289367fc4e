import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, DataError } from '../../core/index.ts'
import { checkedFrame, EpisodeBuffer, type RecordedFrame } from './episode-buffer.ts'
import { EpisodeVideos } from './episode-videos.ts'
import {
  frameColumns,
  type LerobotEpisode,
  type LerobotFeature,
  type LerobotInfo,
  lerobotFiles,
  lerobotSizes,
} from './layout.ts'
import { findRecording, requireSame, scratchPrefix } from './recorded-before.ts'
import { type RecordedFeature, recordedFeatures } from './recorded-features.ts'
import { RecordedFiles } from './recorded-files.ts'
import { encoderOf, type VideoCodec } from './video-encoder.ts'

/** Kind of a data set that is recorded. */
export interface RecordingOptions {
  /** Frames a second, a whole number. */
  readonly fps: number
  /**
   * Features of each frame, by names such as `observation.state`, `observation.images.top`, `action`. `timestamp`,
   * `frame_index`, `episode_index`, `index` and `task_index` come of themselves.
   */
  readonly features: Readonly<Record<string, RecordedFeature>>
  /** Name of the robot. */
  readonly robotType?: string
  /** Codec of cameras with dtype `video`; default `av1`, as LeRobot's. */
  readonly videoCodec?: VideoCodec
}

/**
 * A recording of episodes in LeRobot's format v3.0, which Python's `LeRobotDataset` opens at any time.
 *
 * ```ts
 * const writer = await LeRobotWriter.open('data/pushes', { fps: 30, features })
 * for (const episode of episodes) {
 *   for (const frame of episode) await writer.addFrame({ task: 'push the T', ...frame })
 *   await writer.saveEpisode()
 * }
 * ```
 *
 * What is saved is whole without any last call: a process that is killed loses the episode under way and nothing else.
 * One process at a time records into a directory.
 */
export class LeRobotWriter {
  readonly directory: string
  readonly #features: Readonly<Record<string, LerobotFeature>>
  readonly #files: RecordedFiles
  readonly #videos: EpisodeVideos | undefined
  readonly #codec: VideoCodec
  readonly #fps: number
  readonly #scratch: string | undefined
  #buffer: EpisodeBuffer
  /** Frames are taken one after another, also where nobody awaits them. */
  #turn: Promise<void> = Promise.resolve()

  private constructor(
    directory: string,
    info: LerobotInfo,
    files: RecordedFiles,
    codec: VideoCodec,
    videos: { readonly videos: EpisodeVideos; readonly scratch: string } | undefined,
  ) {
    this.directory = directory
    this.#features = Object.fromEntries(
      Object.entries(info.features).filter(([name]) => !Object.hasOwn(frameColumns, name)),
    )
    this.#files = files
    this.#codec = codec
    this.#fps = info.fps
    this.#videos = videos?.videos
    this.#scratch = videos?.scratch
    this.#buffer = new EpisodeBuffer(this.#features)
  }

  /**
   * Begin a data set in a directory, or go on with the one that is there.
   * @throws ConfigError `config/recording` for features that cannot be written, or are not those of the data set there;
   * `config/ffmpeg` for videos where there is no program that writes them; DataError for a damaged data set.
   */
  static async open(directory: string, options: RecordingOptions): Promise<LeRobotWriter> {
    const { fps, robotType = null, videoCodec = 'av1' } = options
    if (!Number.isInteger(fps) || fps < 1)
      throw new ConfigError('config/recording', `fps is ${fps}; it is a whole number from 1 on`, {
        fps,
      })
    const features = recordedFeatures(options.features)
    const hasVideos = Object.values(features).some(({ dtype }) => dtype === 'video')
    const encoder = hasVideos ? await encoderOf(videoCodec, shortestSide(features)) : undefined
    const found = findRecording(directory)
    if (found) requireSame(directory, found, { fps, features })
    const info = found?.info ?? newInfo(fps, features, robotType, hasVideos)
    const before = found ?? { tasks: [], episodes: 0, frames: 0, statistics: {} }
    const files = new RecordedFiles(directory, info, before)
    files.writeSummary()
    if (encoder === undefined) return new LeRobotWriter(directory, info, files, videoCodec, undefined)
    mkdirSync(directory, { recursive: true })
    const scratch = mkdtempSync(join(directory, scratchPrefix))
    const videos = new EpisodeVideos(directory, scratch, encoder, info, found?.videos ?? {})
    return new LeRobotWriter(directory, info, files, videoCodec, { videos, scratch })
  }

  /** Count of episodes that are saved. */
  get episodes(): number {
    return this.#files.episodes
  }

  /** Count of frames of the episode under way. */
  get frames(): number {
    return this.#buffer.length
  }

  /**
   * Add a frame to the episode under way; it stands at (its place in the episode) / fps seconds.
   * @throws DataError `data/recorded-frame` naming the episode, the frame and the feature; the frame is not added.
   */
  addFrame(frame: RecordedFrame): Promise<void> {
    return this.#inTurn(async () => {
      const place = { directory: this.directory, episode: this.episodes, frame: this.frames }
      const checked = await checkedFrame(frame, this.#features, place)
      for (const [camera, { pixels }] of Object.entries(checked.pictures)) {
        if (this.#features[camera]?.dtype === 'video') await this.#videos?.add(camera, pixels)
      }
      this.#buffer.add(checked)
    })
  }

  /**
   * Save the episode under way.
   * @throws DataError `data/recorded-frame` for an episode without frames, `data/video-encoder` for a video that cannot be
   * written; FileError where files cannot be written. The episode is lost then.
   */
  saveEpisode(): Promise<LerobotEpisode> {
    return this.#inTurn(async () => {
      const buffer = this.#buffer
      if (buffer.length === 0) {
        throw new DataError(
          'data/recorded-frame',
          `${this.directory}: episode ${this.episodes} has no frames: add some, then save it`,
          { directory: this.directory, episode: this.episodes },
        )
      }
      this.#buffer = new EpisodeBuffer(this.#features)
      try {
        const videos = (await this.#videos?.finish(buffer.length)) ?? {}
        for (const camera of Object.keys(videos)) this.#files.describeVideo(camera, this.#videoInfo(camera))
        const { tasks } = buffer
        const statistics = buffer.statistics()
        const episode = this.#files.save({ tasks, columns: buffer.columns(), statistics, videos })
        this.#videos?.keep(videos, buffer.length)
        return episode
      } catch (error) {
        await this.#videos?.abandon()
        throw error
      }
    })
  }

  /** Drop the episode under way. */
  discardEpisode(): Promise<void> {
    return this.#inTurn(async () => {
      this.#buffer = new EpisodeBuffer(this.#features)
      await this.#videos?.abandon()
    })
  }

  /** Drop the episode under way and what is left of it on the disk. What is saved needs no closing. */
  async close(): Promise<void> {
    await this.discardEpisode()
    if (this.#scratch !== undefined) rmSync(this.#scratch, { recursive: true, force: true })
  }

  #inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(action)
    this.#turn = result.then(
      () => {},
      () => {},
    )
    return result
  }

  #videoInfo(camera: string) {
    const [height, width, channels] = this.#features[camera]?.shape ?? []
    return {
      'video.height': height,
      'video.width': width,
      'video.codec': this.#codec,
      'video.pix_fmt': 'yuv420p',
      'video.is_depth_map': false,
      'video.fps': this.#fps,
      'video.channels': channels,
      has_audio: false,
    }
  }
}

/** Shortest side of the videos, in pixels. */
const shortestSide = (features: Readonly<Record<string, LerobotFeature>>): number =>
  Math.min(
    ...Object.values(features).flatMap(({ dtype, shape }) => (dtype === 'video' ? shape.slice(0, 2) : [])),
  )

const newInfo = (
  fps: number,
  features: Readonly<Record<string, LerobotFeature>>,
  robotType: string | null,
  hasVideos: boolean,
): LerobotInfo => ({
  codebase_version: 'v3.0',
  robot_type: robotType,
  total_episodes: 0,
  total_frames: 0,
  total_tasks: 0,
  chunks_size: lerobotSizes.chunk,
  data_files_size_in_mb: lerobotSizes.dataMegabytes,
  video_files_size_in_mb: lerobotSizes.videoMegabytes,
  fps,
  splits: {},
  data_path: lerobotFiles.data,
  video_path: hasVideos ? lerobotFiles.videos : null,
  features,
})
