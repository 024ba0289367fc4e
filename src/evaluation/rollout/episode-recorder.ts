import type { LeRobotWriter, RecordedFeature, RecordingOptions } from '../../data/index.ts'
import { controlRate, episodeFeatures, type RobotNumbers } from '../../world/index.ts'
import type { Spectator, TriedEpisode } from './rollout-options.ts'

/** Moment of a policy that controls the robot, before a step of 1/20 s: what it saw, felt and told the robot. */
export interface ControlFrame {
  /** Pictures by the names of the policy's cameras. */
  readonly cameras: Readonly<
    Record<string, { readonly width: number; readonly height: number; readonly data: Uint8Array }>
  >
  readonly state: readonly number[]
  readonly action: readonly number[]
  /** Names of the numbers of both. */
  readonly numbers: RobotNumbers
}

/** Writer of episodes, such as `LeRobotWriter` and `BagWriter`. */
export type EpisodeWriter = Pick<LeRobotWriter, 'addFrame' | 'close'> & { saveEpisode(): Promise<unknown> }

/** Names of what tells the end of an episode: 1 in its last frame, of `success` only where the task is done. */
const ending = { done: 'next.done', success: 'next.success' } as const

/**
 * Recorder of rollouts under control as episodes: pictures, state, action, the command as the task, `next.done` and
 * `next.success`. Trials with other commands are not recorded. `save` is to be awaited after each episode.
 */
export class EpisodeRecorder implements Spectator {
  readonly #open: (recording: RecordingOptions) => Promise<EpisodeWriter>
  #writer: EpisodeWriter | undefined
  #frames: ControlFrame[] = []
  #ended: TriedEpisode | undefined

  /** @param open Function that opens the writer, called with the first episode. */
  constructor(open: (recording: RecordingOptions) => Promise<EpisodeWriter>) {
    this.#open = open
  }

  onBegin(): void {
    this.#frames = []
  }

  onLook(): void {}

  onStep(): void {}

  onFrame(frame: ControlFrame): void {
    this.#frames.push(frame)
  }

  onEnd(tried: TriedEpisode): void {
    this.#ended = tried
  }

  /** Write the episode that has ended, if it has frames. @throws Errors of the writer. */
  async save(): Promise<void> {
    const [frames, ended] = [this.#frames, this.#ended]
    this.#frames = []
    this.#ended = undefined
    if (!ended || frames.length === 0) return
    this.#writer ??= await this.#open({
      fps: controlRate,
      features: featuresOf(frames[0]!),
      robotType: 'visuomotor',
    })
    const success = Object.values(ended.outcomes).every((outcome) => outcome.success)
    for (const [i, { cameras, state, action }] of frames.entries()) {
      const isLast = i === frames.length - 1
      await this.#writer.addFrame({
        task: ended.episode.text,
        ...cameras,
        [episodeFeatures.state]: state,
        [episodeFeatures.action]: action,
        [ending.done]: isLast,
        [ending.success]: isLast && success,
      })
    }
    await this.#writer.saveEpisode()
  }

  async close(): Promise<void> {
    await this.#writer?.close()
  }
}

function featuresOf({ cameras, numbers }: ControlFrame): Record<string, RecordedFeature> {
  const pictures = Object.entries(cameras).map(
    ([name, { width, height }]) => [name, { dtype: 'image', shape: [height, width, 3] }] as const,
  )
  const { state, action } = numbers
  return {
    ...Object.fromEntries(pictures),
    [episodeFeatures.state]: { dtype: 'float32', shape: [state.length], names: state },
    [episodeFeatures.action]: { dtype: 'float32', shape: [action.length], names: action },
    [ending.done]: { dtype: 'bool', shape: [1] },
    [ending.success]: { dtype: 'bool', shape: [1] },
  }
}
