import type { LerobotInfo } from './layout.ts'

/** An episode, and the files with its frames. */
export interface Episode {
  readonly index: number
  /** Count of frames. */
  readonly length: number
  readonly tasks: readonly string[]
  /** File of its rows, and the first of them there. */
  readonly data: { readonly file: string; readonly row: number }
  /** File of each camera that is a video, and the time of the first frame there, in seconds. */
  readonly videos: Readonly<Record<string, { readonly file: string; readonly from: number }>>
}

/** Features that are cameras, in the order of `info.json`. */
export const camerasOf = ({ features }: LerobotInfo): string[] =>
  Object.keys(features).filter((key) => ['image', 'video'].includes(features[key]!.dtype))

/** Cameras whose pictures are in video files. */
export const videoCameras = ({ features }: LerobotInfo): string[] =>
  Object.keys(features).filter((key) => features[key]!.dtype === 'video')
