import { ConfigError, nearestName, type Random } from '../../core/index.ts'
import type { Color, Pixels } from '../images/index.ts'
import type { LabelKinds, Labels } from '../label-rows.ts'
import { checkedParameters } from '../transform-parameters.ts'
import { type ColorJitter, colorJitterKind } from './color-jitter.ts'
import {
  type CenterCrop,
  centerCropKind,
  type RandomResizedCrop,
  type Resize,
  randomResizedCropKind,
  resize,
  resizeKind,
} from './crop.ts'
import { type GaussianBlur, gaussianBlurKind } from './gaussian-blur.ts'
import { type HorizontalFlip, horizontalFlipKind } from './horizontal-flip.ts'
import { moveLabels, requireFollowing } from './move-labels.ts'
import { type Normalize, normalizeKind } from './normalize.ts'
import { pictureOf, settle } from './picture.ts'
import { type RandomAffine, type Rotation, randomAffineKind, rotationKind } from './random-affine.ts'
import { type RandomBackground, randomBackgroundKind } from './random-background.ts'
import { type RandomErasing, randomErasingKind } from './random-erasing.ts'
import { type RandomGrayscale, randomGrayscaleKind } from './random-grayscale.ts'
import type { AugmentedSample, TransformKind } from './transform.ts'

/** One transform with its parameters: plain data. */
export type ImageTransform =
  | RandomResizedCrop
  | CenterCrop
  | Resize
  | HorizontalFlip
  | Rotation
  | RandomAffine
  | RandomBackground
  | ColorJitter
  | RandomGrayscale
  | GaussianBlur
  | RandomErasing
  | Normalize

type Kinds = { readonly [T in ImageTransform as T['transform']]: TransformKind<T> }

const kinds: Kinds = {
  randomResizedCrop: randomResizedCropKind,
  centerCrop: centerCropKind,
  resize: resizeKind,
  horizontalFlip: horizontalFlipKind,
  rotation: rotationKind,
  randomAffine: randomAffineKind,
  randomBackground: randomBackgroundKind,
  colorJitter: colorJitterKind,
  randomGrayscale: randomGrayscaleKind,
  gaussianBlur: gaussianBlurKind,
  randomErasing: randomErasingKind,
  normalize: normalizeKind,
}

/** The kind of a transform; its type follows from the table above, which TypeScript cannot see by itself. */
export const kindOf = <T extends ImageTransform>({ transform }: T): TransformKind<T> =>
  kinds[transform] as unknown as TransformKind<T>

/**
 * A list of transforms from untrusted data, as in a recipe: names, keys and ranges are checked, defaults
 * filled in, and the order is one that can be carried out.
 * @throws ConfigError `augment/unknown`, `augment/parameters` or `augment/order`.
 */
export function imageTransforms(list: readonly { transform: string }[]): ImageTransform[] {
  const transforms = list.map((value): ImageTransform => {
    if (Object.hasOwn(kinds, value.transform))
      return checkedParameters(kindOf(value as ImageTransform).schema, value)
    const nearest = nearestName(value.transform, Object.keys(kinds))
    const hint =
      nearest === undefined ? `known are ${Object.keys(kinds).join(', ')}` : `did you mean "${nearest}"?`
    throw new ConfigError('augment/unknown', `there is no image transform "${value.transform}"; ${hint}`, {
      transform: value.transform,
    })
  })
  checkOrder(transforms)
  return transforms
}

function checkOrder(transforms: readonly ImageTransform[]): void {
  const stages = transforms.map((transform) => kindOf(transform).stage)
  const normalizeAt = stages.indexOf('normalize')
  if (normalizeAt !== -1 && normalizeAt !== stages.length - 1) {
    throw orderError('normalize stands once and last: other transforms work on colours from 0 to 1')
  }
  const firstColor = stages.indexOf('color')
  if (firstColor !== -1 && stages.indexOf('background', firstColor) !== -1) {
    throw orderError(
      'randomBackground stands before transforms of colour: they lay the picture on its background',
    )
  }
}

const orderError = (message: string): ConfigError => new ConfigError('augment/order', message)

/**
 * The list as evaluation uses it: nothing random, the same size. A random crop becomes `resize`, other random
 * transforms are left out.
 */
export const evaluationTransforms = (transforms: readonly ImageTransform[]): ImageTransform[] =>
  transforms.flatMap((transform) => {
    if (transform.transform === 'randomResizedCrop') return [resize(transform.size)]
    return ['resize', 'centerCrop', 'normalize'].includes(transform.transform) ? [transform] : []
  })

/** Side of what a list makes of a square of `resolution` pixels. */
export const outputSize = (transforms: readonly ImageTransform[], resolution: number): number =>
  transforms.reduce((size, transform) => ('size' in transform ? transform.size : size), resolution)

/**
 * Refuse what labels of these kinds cannot follow: see `requireFollowing`.
 * @throws ConfigError `augment/label` naming transform and label.
 */
export function requireLabelsFollow(transforms: readonly ImageTransform[], labels: LabelKinds): void {
  const moves = transforms.map((transform) => {
    return { transform: transform.transform, moves: kindOf(transform).moves?.(transform) ?? 'not at all' }
  })
  requireFollowing(moves, labels)
}

/** What `applyTransforms` needs to know. */
export interface TransformOptions {
  readonly transforms: readonly ImageTransform[]
  readonly background: Color
  readonly caption: string
  readonly random: Random
  /** Of the original picture, with what they mean; default none. */
  readonly labels?: Labels
  readonly labelKinds?: LabelKinds
}

/** A picture, its caption and its labels, moved with it. */
export interface Transformed {
  /** [3, height, width] in [0, 1], or normalized where the list says so. */
  readonly colors: Float32Array
  readonly caption: string
  readonly labels: Labels
}

/** Carry out a list. */
export function applyTransforms(pixels: Pixels, options: TransformOptions): Transformed {
  const { labels = {}, labelKinds = {} } = options
  const start: AugmentedSample = { picture: pictureOf(pixels, options.background), caption: options.caption }
  const { picture, caption } = options.transforms.reduce(
    (sample, transform) => kindOf(transform).apply(sample, transform, options.random),
    start,
  )
  return {
    colors: settle(picture).colors,
    caption,
    labels: moveLabels(labels, labelKinds, pixels, picture),
  }
}
