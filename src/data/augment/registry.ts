import { z } from 'zod'
import { ConfigError } from '../../core/index.ts'
import type { LabelKinds } from '../label-rows.ts'
import { checkedParameters, unknownTransform } from '../transform-parameters.ts'
import { type ColorJitter, colorJitterKind } from './color-jitter.ts'
import { type Corruption, corruptionKind } from './corruption.ts'
import {
  type CenterCrop,
  centerCropKind,
  type RandomResizedCrop,
  type Resize,
  randomResizedCropKind,
  resize,
  resizeKind,
} from './crop.ts'
import { type DefocusBlur, defocusBlurKind } from './defocus-blur.ts'
import { type GaussianBlur, gaussianBlurKind } from './gaussian-blur.ts'
import { type HorizontalFlip, horizontalFlipKind } from './horizontal-flip.ts'
import { type LightDirection, lightDirectionKind } from './light-direction.ts'
import { requireFollowing } from './move-labels.ts'
import { type MultiCrop, multiCropKind } from './multi-crop.ts'
import { type Normalize, normalizeKind } from './normalize.ts'
import { type RandAugment, randAugmentKind } from './rand-augment.ts'
import { type RandomAffine, type Rotation, randomAffineKind, rotationKind } from './random-affine.ts'
import { type RandomBackground, randomBackgroundKind } from './random-background.ts'
import { type RandomErasing, randomErasingKind } from './random-erasing.ts'
import { type RandomGrayscale, randomGrayscaleKind } from './random-grayscale.ts'
import { type SensorNoise, sensorNoiseKind } from './sensor-noise.ts'
import type { TransformKind } from './transform.ts'

/** One transform with its parameters: plain data. */
export type ImageTransform =
  | RandomResizedCrop
  | MultiCrop
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
  | RandAugment
  | LightDirection
  | DefocusBlur
  | SensorNoise
  | Corruption
  | Normalize

type Kinds = { readonly [T in ImageTransform as T['kind']]: TransformKind<T> }

const kinds: Kinds = {
  randomResizedCrop: randomResizedCropKind,
  multiCrop: multiCropKind,
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
  randAugment: randAugmentKind,
  lightDirection: lightDirectionKind,
  defocusBlur: defocusBlurKind,
  sensorNoise: sensorNoiseKind,
  corruption: corruptionKind,
  normalize: normalizeKind,
}

/** The kind of a transform; its type follows from the table above, which TypeScript cannot see by itself. */
export const kindOf = <T extends ImageTransform>({ kind }: T): TransformKind<T> =>
  kinds[kind] as unknown as TransformKind<T>

/**
 * A list of transforms from untrusted data, as in a recipe: names, keys and ranges are checked, defaults
 * filled in, and the order is one that can be carried out.
 * @throws ConfigError `augment/unknown`, `augment/parameters` or `augment/order`.
 */
export function imageTransforms(list: readonly { kind: string }[]): ImageTransform[] {
  const transforms = list.map((value): ImageTransform => {
    if (Object.hasOwn(kinds, value.kind))
      return checkedParameters(kindOf(value as ImageTransform).schema, value)
    throw unknownTransform(value, 'image transform', Object.keys(kinds))
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
  if (transforms.filter(({ kind }) => kind === 'multiCrop').length > 1) {
    throw orderError('multiCrop stands once: its views are those of one picture')
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
 * List for evaluation: nothing random, the same size. A random crop becomes `resize`, other random transforms are left
 * out. Images are decoded to the size of its output, so that a `centerCrop` is done by decoding: see {@link centralPart}.
 */
export const evaluationTransforms = (transforms: readonly ImageTransform[]): ImageTransform[] =>
  transforms.flatMap((transform) => {
    const { kind: name } = transform
    if (name === 'randomResizedCrop' || name === 'multiCrop') return [resize(transform.size)]
    return ['resize', 'centerCrop', 'normalize'].includes(name) ? [transform] : []
  })

/** Tell a transform that scales or cuts to a square, whose side is its `size`. */
export const takesSize = (kind: unknown): boolean =>
  typeof kind === 'string' &&
  Object.hasOwn(kinds, kind) &&
  'size' in shapeOf(kinds[kind as keyof Kinds].schema)

const shapeOf = (schema: unknown): object => (schema instanceof z.ZodObject ? schema.shape : {})

/**
 * Refuse crops that are larger than squares of `resolution` pixels.
 * @throws ConfigError `augment/crop` naming both sizes.
 */
export function requireCropsFit(transforms: readonly ImageTransform[], resolution: number): void {
  for (const [i, transform] of transforms.entries()) {
    const size = outputSize(transforms.slice(0, i), resolution)
    if (transform.kind !== 'centerCrop' || transform.size <= size) continue
    const message =
      `centerCrop cannot cut ${transform.size} × ${transform.size} pixels out of ${size} × ${size}; decode to a ` +
      'higher resolution, or resize first'
    throw new ConfigError('augment/crop', message, { size: transform.size, of: size })
  }
}

/** Side of the output of a list for a square of `resolution` pixels. */
export const outputSize = (transforms: readonly ImageTransform[], resolution: number): number =>
  transforms.reduce((size, transform) => ('size' in transform ? transform.size : size), resolution)

/** Part of the side of a square of `resolution` pixels that every `centerCrop` of a list leaves, in (0, 1]. */
export const centralPart = (transforms: readonly ImageTransform[], resolution: number): number =>
  transforms.reduce(
    (part, transform, i) =>
      transform.kind === 'centerCrop'
        ? (part * transform.size) / outputSize(transforms.slice(0, i), resolution)
        : part,
    1,
  )

/**
 * Refuse transforms that labels of these kinds cannot follow: see `requireFollowing`.
 * @throws ConfigError `augment/label` naming transform and label.
 */
export function requireLabelsFollow(transforms: readonly ImageTransform[], labels: LabelKinds): void {
  const moves = transforms.map((transform) => {
    return { transform: transform.kind, moves: kindOf(transform).moves?.(transform) ?? 'not at all' }
  })
  requireFollowing(moves, labels)
}
