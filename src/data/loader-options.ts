import { availableParallelism } from 'node:os'
import { ConfigError } from '../core/index.ts'
import { checkArrayKinds, requireMixing } from './array-rows.ts'
import {
  centralPart,
  evaluationTransforms,
  type ImageTransform,
  imageTransforms,
  outputSize,
  requireCropsFit,
  requireLabelsFollow,
  takesSize,
} from './augment/index.ts'
import { checkBatchNames } from './batch-names.ts'
import { type ImageEye, plainTexts, plannedEyes } from './eyes.ts'
import {
  type Color,
  cacheMemory,
  cacheSlots,
  type DecodeOptions,
  type Fit,
  type Kernel,
  white,
} from './images/index.ts'
import type { MixOptions } from './mix/mix-batch.ts'
import { type MixMethod, mixMethods } from './mix/mix-methods.ts'
import type { PrepareSpec } from './prepare.ts'
import type { DrawReference, SamplerOptions, SamplerPosition } from './sampler.ts'
import type { SamplerSpec } from './selection/index.ts'
import { furtherCameras, requireCamerasFit } from './several-cameras.ts'
import type { BadSampleReport, Member, OnBadSample, Source } from './source.ts'
import { type TextTransform, textTransforms } from './text/augment.ts'
import { Tokenizer } from './text/tokenizer.ts'
import { maskName, type TextSpecs } from './text-rows.ts'

/** Options of `loader`. */
export interface LoaderOptions {
  readonly source: Source
  readonly batchSize: number
  readonly seed: number
  /**
   * `train` (default): endless passes, shuffled, augmented, one of the captions. `evaluate`: one pass in the
   * source's order, nothing random, the first caption (see `allCaptions`), the last batch may be smaller.
   */
  readonly mode?: 'train' | 'evaluate'
  /** Side of the square that images are decoded to; evaluation decodes to the size the transforms put out. */
  readonly resolution: number
  /** Fit of an image to the square. Default `cover`, as in CLIP's processor. */
  readonly fit?: Fit
  /** Part of the scaled image's side that the square shows, in (0, 1]; see `DecodeOptions`. Default 1. */
  readonly cropFraction?: number | undefined
  /** Kernel of scaling. Default `bicubic`. */
  readonly kernel?: Kernel | undefined
  /** Colour behind transparency; default white. */
  readonly background?: Color
  readonly augment?: readonly ImageTransform[]
  /**
   * Augmentations that are drawn again and again, for outputs of other models that are stored: pass after pass takes the
   * next of `count` for each sample, by a seed of their own. Batches then hold `augmentations`. Default: each pass has its own.
   */
  readonly augmentations?: { readonly count: number; readonly seed: number } | undefined
  /**
   * Change of the data in evaluation, such as noise or typos, on which a model is tested: transforms of the square that the
   * model sees, before those of `augment`, and of every caption. They keep the size, and a sample's numbers follow from `seed`
   * and its id. Default: none.
   */
  readonly variation?: DataVariation | undefined
  /** Number of passes in training. Default: endless. */
  readonly epochs?: number | undefined
  /** Methods by which training mixes the samples of a batch with each other; default none. */
  readonly mix?: readonly MixMethod[]
  /**
   * Texts to make of the caption: `inputIds` with `attentionMask`. Further models have tokenizers and lengths of their
   * own: `<eye>.inputIds` with `<eye>.attentionMask`. Default none.
   */
  readonly texts?: TextSpecs
  /** Transforms of the caption in training, shared by all texts, after those of the image. Default none. */
  readonly augmentTexts?: readonly TextTransform[]
  /**
   * The same augmented image for further models, at resolutions and with statistics of their own: `<eye>.pixelValues`.
   * They do not change `pixelValues`. Default none.
   */
  readonly images?: Readonly<Record<string, ImageEye>>
  /** Chance that training takes a sample's first caption, in [0, 1]; else any of them. Default 0. */
  readonly firstCaption?: number
  /**
   * Tokenization of further captions in evaluation, up to the sample's `testedCaptions`, into `furtherTexts` of the
   * batch, for `inputIds`. Default false.
   */
  readonly allCaptions?: boolean
  /** Shuffle images: neighbouring samples of the source that share one stay together. Default false. */
  readonly groupPictures?: boolean
  /** Restriction to one sample of each concept in a batch; default false. */
  readonly uniqueConcepts?: boolean
  /** Choice of training samples by the progress of training: `curriculum`, `progressiveDifficulty`. Default: all. */
  readonly sampler?: SamplerSpec
  /** Threads that prepare batches; default one less than there are cores, 1 to 4. 0 prepares in this thread. */
  readonly workers?: number
  /** Batches prepared ahead; default 4. A `sampler`'s new knowledge takes effect one batch after these. */
  readonly prefetch?: number
  /**
   * Treatment of bad samples. Default `fail`: the batch of a bad sample throws. `skip`: the next sample of the stream
   * takes its place.
   */
  readonly onBadSample?: OnBadSample
  /** Position to resume from; default the beginning. */
  readonly position?: LoaderPosition
  /** Go on from the position although the data has changed. Default false: `data/source-changed`. */
  readonly allowChangedData?: boolean
  /** Members that train together: all plan the same batches, and this loader prepares its part of each. Default: alone. */
  readonly members?: BatchMembers | undefined
  /** Memory for decoded images, in bytes, for all eyes together; default 2 GiB. Others are decoded again. */
  readonly cacheBytes?: number
  /** Memory for samples to be shuffled, in bytes; default 512 MiB. */
  readonly shuffleBytes?: number
}

/** One member of several, and what all of them say to each other about bad samples: a `Communicator` has these fields. */
export interface BatchMembers extends Member {
  gather(bytes: Uint8Array): Promise<Uint8Array>
}

/** Transforms of images and of captions that change a data set for a test. */
export interface DataVariation {
  readonly images?: readonly ImageTransform[] | undefined
  readonly texts?: readonly TextTransform[] | undefined
}

/** Position of a loader: plain data, enough to go on with the very next batch, bit for bit. */
export interface LoaderPosition extends SamplerPosition {
  /** Samples that already replaced bad ones, ahead of their turn. */
  readonly taken: readonly DrawReference[]
}

/** Default count of threads: training gets a core of its own. */
export const defaultWorkers = (): number => Math.max(1, Math.min(4, availableParallelism() - 1))

/** Specification for the threads. */
export function prepareSpec(options: LoaderOptions): PrepareSpec {
  const { mode = 'train', background = white, source } = options
  const seed = options.augmentations?.seed ?? options.seed
  const evaluate = mode === 'evaluate'
  const transforms = imageTransforms(options.augment ?? [])
  const changed = imageTransforms(options.variation?.images ?? [])
  const texts = plainTexts(options.texts ?? {})
  const { labels = {}, arrays = {} } = source
  checkBatchNames(labels, arrays, namesOfEyes(options))
  checkArrayKinds(arrays)
  requireCropsFit(transforms, options.resolution)
  requireVariation(options, changed)
  requireLabelsFollow(evaluate ? changed : transforms, labels)
  requireCamerasFit(options, evaluate ? changed : transforms)
  return {
    seed,
    firstCaption: evaluate ? 1 : (options.firstCaption ?? 0),
    allCaptions: evaluate && (options.allCaptions ?? false),
    background,
    transforms: evaluate ? [...changed, ...evaluationTransforms(transforms)] : transforms,
    augmentTexts: textTransforms((evaluate ? options.variation?.texts : options.augmentTexts) ?? []),
    texts,
    labels,
    arrays,
    ...squares(options, outputSize(transforms, options.resolution)),
  }
}

/** Refuse a variation of training data, and one that gives images another size or range. @throws ConfigError `data/variation`. */
function requireVariation(
  { mode = 'train', variation }: LoaderOptions,
  images: readonly ImageTransform[],
): void {
  const sized = images.find(({ kind }) => takesSize(kind) || kind === 'normalize')
  if (!variation || (mode === 'evaluate' && !sized)) return
  const reason = sized
    ? `${sized.kind} does not keep the size and the range of an image, which the model needs`
    : "a variation changes data that a model is tested on: take mode 'evaluate', or augment"
  throw new ConfigError('data/variation', reason, { kind: sized?.kind, mode })
}

const namesOfEyes = ({ texts = {}, images = {} }: LoaderOptions): string[] => [
  ...Object.keys(images),
  ...Object.keys(texts).flatMap((name) => [name, maskName(name)]),
]

/** Squares of decoding for the main eye, whose output has `size` pixels a side, and for the further ones. */
function squares(options: LoaderOptions, size: number): Pick<PrepareSpec, 'square' | 'eyes' | 'views'> {
  const { fit = 'cover', kernel, images = {}, source } = options
  const evaluate = options.mode === 'evaluate'
  const { resolution } = options
  const part = evaluate ? centralPart(options.augment ?? [], resolution) : 1
  const cropFraction = part === 1 ? options.cropFraction : part * (options.cropFraction ?? 1)
  const main = { resolution: evaluate ? size : resolution, fit, cropFraction, kernel }
  const planned = Object.entries(plannedEyes(images, { ...main, size }))
  const sides = [main, ...planned.flatMap(([, { square }]) => square ?? [])].map(
    ({ resolution }) => resolution,
  )
  const bytes = evaluate ? 0 : (options.cacheBytes ?? 2 * 1024 ** 3) // one pass meets nothing twice
  const further = furtherCameras(source)
  const slots = cacheSlots([...sides, ...further.map(() => main.resolution)], bytes, source.size)
  const cached = (square: DecodeOptions) => ({ ...square, cache: cacheMemory(square.resolution, slots) })
  const eyes = planned.map(([name, { square, ...eye }]) => [
    name,
    { ...eye, ...(square && { square: cached(square) }) },
  ])
  const views = further.map((camera) => [camera, cacheMemory(main.resolution, slots)] as const)
  return { square: cached(main), eyes: Object.fromEntries(eyes), views: Object.fromEntries(views) }
}

/**
 * Mixing of batches; undefined for none.
 * @throws ConfigError `data/mixing` as {@link requireMixing}.
 */
export function mixing({
  mix = [],
  mode,
  source,
  texts = {},
  images = {},
}: LoaderOptions): Omit<MixOptions, 'captions' | 'random'> | undefined {
  if (mix.length === 0 || mode === 'evaluate') return undefined
  const { labels = {}, arrays = {} } = source
  requireMixing(arrays)
  const tokenizers = Object.entries(texts).map(
    ([name, { tokenizer }]) => [name, Tokenizer.fromJson(tokenizer.json, tokenizer.config)] as const,
  )
  return {
    methods: mixMethods(mix),
    labels,
    arrays,
    eyes: Object.keys(images),
    tokenizers: Object.fromEntries(tokenizers),
  }
}

/** Options of the sampler. */
export function samplerOptions(options: LoaderOptions, onBad: BadSampleReport): SamplerOptions {
  const { source, seed, batchSize, mode = 'train', shuffleBytes = 512 * 1024 ** 2 } = options
  const evaluate = mode === 'evaluate'
  return {
    source,
    seed,
    batchSize,
    shuffleBytes,
    shuffle: !evaluate,
    groupPictures: options.groupPictures ?? false,
    uniqueConcepts: !evaluate && (options.uniqueConcepts ?? false),
    allowChangedData: options.allowChangedData ?? false,
    ...(evaluate ? { epochs: 1 } : options.epochs !== undefined && { epochs: options.epochs }),
    ...(!evaluate && options.sampler && { sampler: options.sampler }),
    ...(options.onBadSample === 'skip' && { onBad }),
  }
}
