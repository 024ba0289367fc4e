import type { Random } from '../../core/index.ts'
import type { Color, Pixels } from '../images/index.ts'
import type { LabelKinds, Labels } from '../label-rows.ts'
import type { RandomResizedCrop } from './crop.ts'
import { type Eye, FollowingEye } from './following-eye.ts'
import { moveLabels } from './move-labels.ts'
import { globalCrop, localCrop, type MultiCrop } from './multi-crop.ts'
import { pictureOf, settle } from './picture.ts'
import { type ImageTransform, kindOf, outputSize } from './registry.ts'
import type { AugmentedSample } from './transform.ts'

/** Options of `applyTransforms`. */
export interface TransformOptions {
  readonly transforms: readonly ImageTransform[]
  readonly background: Color
  readonly caption: string
  readonly random: Random
  /** Labels of the original image with their meanings; default none. */
  readonly labels?: Labels
  readonly labelKinds?: LabelKinds
  /** Further eyes on the same image, by name, each with the pixels decoded for it; default none. */
  readonly eyes?: Readonly<Record<string, { readonly eye: Eye; readonly pixels: Pixels }>>
  /** Callback for every transform with the sample behind it. It must leave the colours of the sample alone. */
  readonly observe?: (transform: ImageTransform, sample: AugmentedSample) => void
}

/** An image, its caption and its labels, moved with it. */
export interface Transformed {
  /** [3, height, width] in [0, 1], or normalized where the list says so. */
  readonly colors: Float32Array
  readonly caption: string
  readonly labels: Labels
  /** Views that `multiCrop` adds, concatenated into one array for each name. */
  readonly views: Readonly<Record<string, Float32Array>>
  /** [3, size, size] of every further eye. */
  readonly eyes: Readonly<Record<string, Float32Array>>
}

/** Carry out a list of transforms. */
export function applyTransforms(pixels: Pixels, options: TransformOptions): Transformed {
  const { transforms, random, background, labels = {}, labelKinds = {} } = options
  const start = { picture: pictureOf(pixels, background), caption: options.caption, drawn: undefined }
  const followers = followersOf(options, outputSize(transforms, pixels.width))
  const { observe } = options
  const watch = { observe, followers: followers.map(([, follower]) => follower) }
  const at = transforms.findIndex(({ kind }) => kind === 'multiCrop')
  const shared = carryOut(transforms.slice(0, Math.max(0, at)), start, random, watch)
  const rest = transforms.slice(Math.max(0, at))
  const { picture, caption } = carryOut(rest, shared, random, watch)
  const { colors } = settle(picture)
  return {
    colors,
    caption,
    labels: moveLabels(labels, labelKinds, pixels, picture),
    views: furtherViews(rest, shared, random),
    eyes: Object.fromEntries(followers.map(([name, follower]) => [name, follower.colors()])),
  }
}

const followersOf = ({ eyes = {}, background }: TransformOptions, mainSize: number) =>
  Object.entries(eyes).map(
    ([name, { eye, pixels }]) => [name, new FollowingEye(pixels, background, eye, mainSize)] as const,
  )

/** Receivers of every transform. */
interface Watch {
  readonly observe?: TransformOptions['observe']
  readonly followers: readonly FollowingEye[]
}

function carryOut(
  transforms: readonly ImageTransform[],
  start: AugmentedSample,
  random: Random,
  { observe, followers }: Watch = { followers: [] },
): AugmentedSample {
  let sample = start
  for (const transform of transforms) {
    const before = sample
    const streams = followers.map(() => random.clone())
    sample = kindOf(transform).apply({ ...before, drawn: undefined }, transform, random)
    for (const [i, follower] of followers.entries())
      follower.follow({ transform, before, after: sample, random: streams[i]! })
    observe?.(transform, sample)
  }
  return sample
}

/** Further views of a list that begins with `multiCrop`; each with draws of its own. */
function furtherViews(
  [multiCrop, ...behind]: readonly ImageTransform[],
  shared: AugmentedSample,
  random: Random,
): Record<string, Float32Array> {
  if (multiCrop?.kind !== 'multiCrop') return {}
  const views: Record<string, Float32Array> = {}
  for (const { name, count, crop } of viewsOf(multiCrop)) {
    const planes = Array.from({ length: count }, () => {
      return settle(carryOut([crop, ...behind], shared, random).picture).colors
    })
    views[name] = new Float32Array(count * planes[0]!.length)
    for (const [view, colors] of planes.entries()) views[name].set(colors, view * colors.length)
  }
  return views
}

/** The arrays of further views that a list adds to a batch: [batch, count, 3, size, size] each. */
export function viewArrays(
  transforms: readonly ImageTransform[],
): readonly { name: string; count: number; size: number }[] {
  const multiCrop = transforms.find((transform) => transform.kind === 'multiCrop')
  if (multiCrop === undefined) return []
  const sizeOf = (size: number) => outputSize(transforms.slice(transforms.indexOf(multiCrop) + 1), size)
  return viewsOf(multiCrop).map(({ name, count, crop }) => ({ name, count, size: sizeOf(crop.size) }))
}

/** Views of one kind beside the first. */
interface Views {
  readonly name: string
  readonly count: number
  readonly crop: RandomResizedCrop
}

function viewsOf(multiCrop: MultiCrop): readonly Views[] {
  const globals = { name: 'globalViews', count: multiCrop.globals - 1, crop: globalCrop(multiCrop) }
  const locals = { name: 'localViews', count: multiCrop.locals, crop: localCrop(multiCrop) }
  return [globals, locals].filter(({ count }) => count > 0)
}
