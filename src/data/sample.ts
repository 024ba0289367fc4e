import type { DType, HostArray, Shape } from '../core/index.ts'

/**
 * Location of the pixels of a sample: a file, or its bytes (PNG, JPEG, WebP, SVG …). Of a video, `frame` says which of its
 * pictures. Crosses to worker threads.
 */
export type EncodedImage =
  | { readonly file: string; readonly frame?: FramePlace }
  | { readonly bytes: Uint8Array }

/** Place of a frame in a video. */
export interface FramePlace {
  /** Time in the file, in seconds. */
  readonly time: number
  /** Part of the video that is decoded and kept together: times of its first and last frame, and frames a second. */
  readonly piece: { readonly from: number; readonly to: number; readonly fps: number }
}

/** A place in the user's data, for messages: `captions.jsonl:17`. */
export interface Origin {
  readonly file: string
  readonly line?: number
}

/** One image with its captions, labels and arrays. */
export interface Sample {
  /** Identifier, unique in its source and stable from run to run, e.g. `google/1f600`. */
  readonly id: string
  readonly image: EncodedImage
  /**
   * Pictures of the further cameras, by the names in the source's `cameras`; `image` is the first camera's. No sample may
   * lack one.
   */
  readonly views?: Readonly<Record<string, EncodedImage>>
  /** Correct captions, at least one. */
  readonly captions: readonly string[]
  /** Count of captions, from the first, that a test of retrieval reads; the others only train. Default: all. */
  readonly testedCaptions?: number
  readonly origin: Origin
  /**
   * Concept, shared by samples that match each other's captions: neither the loss nor the metrics count such a match as
   * wrong. Default: the sample's own id.
   */
  readonly concept?: string
  /** Ground truth by name, as the source's `labels` describes it. A sample may lack some. */
  readonly labels?: Readonly<Record<string, readonly number[]>>
  /**
   * Further arrays by name, each of the dtype and shape that the source's `arrays` declares: for example, outputs of
   * another model. No sample may lack one. No transform changes them.
   */
  readonly arrays?: Readonly<Record<string, HostArray>>
  /** Complexity, from which a curriculum computes difficulty. */
  readonly complexity?: Complexity
  /** Camera of the image, where it is known, so that positions and poses can be drawn over it. */
  readonly camera?: SampleCamera
}

/** A camera in the robot's frame: it looks along its −z, x is right, y is up. */
export interface SampleCamera {
  /** Position in metres. */
  readonly position: readonly number[]
  /** Rotation matrix, row by row; its columns are the camera's axes. */
  readonly rotation: readonly number[]
  /** Vertical field of view, in degrees. */
  readonly verticalFov: number
}

/** Properties that make a sample hard. */
export interface Complexity {
  /** Count of objects in the scene. */
  readonly objects: number
  /** Complexity of the task, from 0 to 1. */
  readonly task: number
  /** Complexity of the surroundings, from 0 to 1: clutter, light, hidden parts. */
  readonly scene: number
}

/**
 * Meaning of the values of a label, which decides their change when pixels move. Robot's frame: x forward, y left, z
 * up.
 *
 * - `class`: [index]; batches hold it as a distribution over `classes`.
 * - `box`: [left, top, right, bottom] as fractions of width and height, y down. `point`: [x, y] in the same units.
 * - `position`: [x, y, z] in metres in the robot's frame. `pose`: [x, y, z, rx, ry, rz], the rotation a vector in
 *   radians (axis times angle).
 * - `joints`: `length` angles in radians. They do not hold for a mirrored or moved image. `joints` names them, in their order.
 * - `number`: `length` values that do not depend on the places of pixels.
 */
export type LabelKind =
  | { readonly kind: 'class'; readonly classes: number }
  | { readonly kind: 'box' }
  | { readonly kind: 'point' }
  | { readonly kind: 'position' }
  | { readonly kind: 'pose' }
  | { readonly kind: 'joints'; readonly length: number; readonly joints?: readonly Joint[] | undefined }
  | { readonly kind: 'number'; readonly length: number }

/** A joint of a robot. */
export interface Joint {
  /** Name that the robot's own software has for it. */
  readonly name: string
  /** Lowest and highest position: radians, of a slide metres. Default: it turns freely. */
  readonly limits?: readonly [lowest: number, highest: number] | undefined
}

/** One array of every sample of a source. Batches hold it as [batch, ...shape] of the same dtype. */
export interface ArrayKind {
  readonly dtype: DType
  /** Shape for one sample. */
  readonly shape: Shape
  /**
   * Treatment of the array by MixUp and CutMix. `interpolate` (float32 only): λ · own + (1 − λ) · partner's, λ the
   * sample's own fraction of the image. `keep`: the sample's own array. A loader that mixes refuses a source without
   * it.
   */
  readonly mixing?: 'interpolate' | 'keep'
  /** Flag of positions or motions of a robot, which a mirrored image does not show. A loader refuses to mirror. Default false. */
  readonly isMotion?: boolean
  /** Names of the values along the last axis, where they are known: of joints, or of x and y. */
  readonly names?: readonly string[]
}

/** Statistics of an array over a data set, one number a value (of pictures one a channel, in [0, 1]), as LeRobot's `stats.json` holds them. */
export interface ArrayStatistics {
  readonly min: readonly number[]
  readonly max: readonly number[]
  readonly mean: readonly number[]
  /** Standard deviation, divided by the count. */
  readonly std: readonly number[]
  /** Quantiles at 0.01 and 0.99, where they are known. */
  readonly q01?: readonly number[] | undefined
  readonly q99?: readonly number[] | undefined
}
