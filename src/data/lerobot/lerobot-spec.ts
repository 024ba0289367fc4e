import { z } from 'zod'

/** Seconds from the frame of a sample, by feature: LeRobot's `delta_timestamps`. */
const deltaTimestamps = z.record(z.string(), z.array(z.number()).nonempty())

/** Schema of the description of a `lerobot` source; see `LerobotOptions`. */
export const lerobotSpec = z.strictObject({
  kind: z.literal('lerobot'),
  directory: z.string(),
  cameras: z.array(z.string()).nonempty().exactOptional(),
  episodes: z.union([z.string(), z.array(z.int().min(0)).nonempty()]).exactOptional(),
  chunk: z.int().positive().exactOptional(),
  observationSteps: z.int().positive().exactOptional(),
  dropLastFrames: z.int().min(0).exactOptional(),
  deltaTimestamps: deltaTimestamps.exactOptional(),
  features: z.record(z.string(), z.string()).exactOptional(),
})

/** Options of `lerobot`. */
export interface LerobotOptions {
  /** Cameras in their order, by the names of features. Default: all, in the order of `info.json`. */
  readonly cameras?: readonly string[]
  /**
   * Episodes: a split of `info.json` (`train`), a range (`0:40`, `40:`, `-5:`; the end does not belong to it), or a
   * list. Default: all.
   */
  readonly episodes?: string | readonly number[]
  /** Count of actions from the frame of a sample on. Default 1. */
  readonly chunk?: number
  /** Count of states up to the frame of a sample. Default 1: the array has no axis for it. */
  readonly observationSteps?: number
  /**
   * Count of the last frames of each episode that are no samples, since most of their chunk lies behind its end: LeRobot's
   * `drop_n_last_frames`. They still are in the windows of earlier frames. Default 0.
   */
  readonly dropLastFrames?: number
  /**
   * Seconds from the frame of a sample, by feature, in the place of `chunk` and `observationSteps`; multiples of 1/fps.
   * Features that are named here are brought although they are neither action nor observation.
   */
  readonly deltaTimestamps?: Readonly<Record<string, readonly number[]>>
  /** Names in this source of features that the data calls otherwise: `{ action: 'actions' }`. Default: the data's own. */
  readonly features?: Readonly<Record<string, string>>
}
