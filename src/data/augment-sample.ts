import { type Random, random } from '../core/index.ts'
import {
  applyTransforms,
  type Eye,
  type ImageTransform,
  type Transformed,
  type TransformOptions,
} from './augment/index.ts'
import type { Color, Pixels } from './images/index.ts'
import type { LabelKinds } from './label-rows.ts'
import type { Sample } from './sample.ts'
import { augmentText, type TextTransform } from './text/index.ts'

/** Augmentation of a decoded sample. */
export interface AugmentSpec {
  readonly seed: number
  /** Chance of the first caption; otherwise any caption is drawn. 1: nothing random. */
  readonly firstCaption: number
  readonly background: Color
  readonly transforms: readonly ImageTransform[]
  /** Transforms of the caption, carried out after those of the image. */
  readonly augmentTexts: readonly TextTransform[]
  readonly labels: LabelKinds
  /** Further eyes on the image, by name. */
  readonly eyes: Readonly<Record<string, Eye>>
}

/** A sample after its augmentation; `caption` is the text for training. */
export interface AugmentedRow extends Transformed {
  /** The caption that was drawn. */
  readonly chosen: string
}

/**
 * Draw a caption, transform the image with its caption and labels, then the text. A sample's randomness is
 * `random(seed, 'augment', epoch, id)`: the same bits in any thread and in any batch.
 */
export function augmentSample(
  sample: Pick<Sample, 'id' | 'captions' | 'labels'> & { readonly epoch: number },
  { pixels, eyes }: { readonly pixels: Pixels; readonly eyes: Readonly<Record<string, Pixels>> },
  spec: AugmentSpec,
  observe?: TransformOptions['observe'],
): AugmentedRow {
  const stream = random(spec.seed, 'augment', sample.epoch, sample.id)
  const chosen = chooseCaption(sample.captions, spec.firstCaption, stream)
  const transformed = applyTransforms(pixels, {
    transforms: spec.transforms,
    background: spec.background,
    caption: chosen,
    random: stream,
    labels: sample.labels ?? {},
    labelKinds: spec.labels,
    eyes: eyesOn(spec.eyes, eyes),
    ...(observe && { observe }),
  })
  return { ...transformed, chosen, caption: augmentText(transformed.caption, spec.augmentTexts, stream) }
}

/**
 * Colours of a further camera, [3, size, size], with draws of its own for each transform: the light of one camera says
 * nothing about another's. Its stream is `random(seed, 'augment', epoch, id, camera)`.
 */
export function augmentView(
  { id, epoch }: { readonly id: string; readonly epoch: number },
  camera: string,
  pixels: Pixels,
  { seed, transforms, background }: Pick<AugmentSpec, 'seed' | 'transforms' | 'background'>,
): Float32Array {
  const stream = random(seed, 'augment', epoch, id, camera)
  return applyTransforms(pixels, { transforms, background, caption: '', random: stream }).colors
}

const eyesOn = (eyes: AugmentSpec['eyes'], decoded: Readonly<Record<string, Pixels>>) =>
  Object.fromEntries(Object.entries(eyes).map(([name, eye]) => [name, { eye, pixels: decoded[name]! }]))

const chooseCaption = (captions: readonly string[], firstCaption: number, stream: Random): string =>
  stream.chance(firstCaption) ? captions[0]! : stream.pick(captions)

/** The captions behind the first with the transforms of texts; each draws from a stream of its own. */
export const furtherCaptions = (
  { id, captions, epoch }: Pick<Sample, 'id' | 'captions'> & { readonly epoch: number },
  { seed, augmentTexts }: Pick<AugmentSpec, 'seed' | 'augmentTexts'>,
): string[] =>
  captions
    .slice(1)
    .map((caption, i) =>
      augmentText(caption, augmentTexts, random(seed, 'furtherCaptions', epoch, id, i + 1)),
    )
