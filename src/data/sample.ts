import type { DType, HostArray, Shape } from '../core/index.ts'

/** Where the pixels of a sample are: a file, or its bytes (PNG, JPEG, WebP, SVG …). Crosses to worker threads. */
export type EncodedImage = { readonly file: string } | { readonly bytes: Uint8Array }

/** A place in the user's data, for messages: `captions.jsonl:17`. */
export interface Origin {
  readonly file: string
  readonly line?: number
}

/** One image with everything said about it. */
export interface Sample {
  /** Unique in its source and stable from run to run, e.g. `google/1f600`. */
  readonly id: string
  readonly image: EncodedImage
  /** At least one; all of them are correct. */
  readonly captions: readonly string[]
  /** How many of them, from the first, a test of retrieval reads; the others only train. Default: all. */
  readonly testedCaptions?: number
  readonly origin: Origin
  /**
   * Samples of one concept share it. Two samples with the same concept match each other's captions, so that
   * neither the loss nor the metrics count them as wrong. Default: the sample's own id.
   */
  readonly concept?: string
  /** Ground truth by name, as the source's `labels` describes it. A sample may lack some. */
  readonly labels?: Readonly<Record<string, readonly number[]>>
  /**
   * Further arrays by name, each of the dtype and shape that the source's `arrays` declares: outputs of another model,
   * say. No sample may lack one. No transform changes them.
   */
  readonly arrays?: Readonly<Record<string, HostArray>>
  /** What a curriculum measures difficulty by. */
  readonly complexity?: Complexity
  /** What took the picture, where it is known: so that positions and poses can be drawn over it. */
  readonly camera?: SampleCamera
}

/** A camera in the robot's frame: it looks along its −z, x is right, y is up. */
export interface SampleCamera {
  /** Metres. */
  readonly position: readonly number[]
  /** Row by row; its columns are the camera's axes. */
  readonly rotation: readonly number[]
  /** Degrees between the upper and the lower edge of the picture. */
  readonly verticalFov: number
}

/** What makes a sample hard. */
export interface Complexity {
  /** Objects in the scene. */
  readonly objects: number
  /** Of what is asked, from 0 to 1. */
  readonly task: number
  /** Of the surroundings, from 0 to 1: clutter, light, hidden parts. */
  readonly scene: number
}

/**
 * What the numbers of a label mean, and so how they follow when pixels move. Robot's frame: x forward, y left, z up.
 *
 * - `class`: [index]; batches hold it as a distribution over `classes`.
 * - `box`: [left, top, right, bottom] as fractions of width and height, y down. `point`: [x, y] likewise.
 * - `position`: [x, y, z] in metres in the robot's frame. `pose`: [x, y, z, rx, ry, rz], the rotation a vector in
 *   radians (axis times angle).
 * - `joints`: `length` angles in radians. No picture that is mirrored or moved keeps them true.
 * - `number`: `length` numbers that do not depend on where pixels are.
 */
export type LabelKind =
  | { readonly kind: 'class'; readonly classes: number }
  | { readonly kind: 'box' }
  | { readonly kind: 'point' }
  | { readonly kind: 'position' }
  | { readonly kind: 'pose' }
  | { readonly kind: 'joints'; readonly length: number }
  | { readonly kind: 'number'; readonly length: number }

/** One array of every sample of a source. Batches hold it as [batch, ...shape] of the same dtype. */
export interface ArrayKind {
  readonly dtype: DType
  /** Of one sample. */
  readonly shape: Shape
  /**
   * What MixUp and CutMix do with it. `interpolate` (float32 only): λ · own + (1 − λ) · partner's, λ the share of the
   * image that is the sample's own. `keep`: it stays the sample's own. Without it a loader that mixes refuses the source.
   */
  readonly mixing?: 'interpolate' | 'keep'
}
