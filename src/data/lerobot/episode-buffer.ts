import { DataError, didYouMean } from '../../core/index.ts'
import type { CameraPixels } from '../images/index.ts'
import type { EncodedImage } from '../sample.ts'
import { type FeatureColumn, isNumberType } from './data-columns.ts'
import type { LerobotFeature } from './layout.ts'
import { PictureTallies, type RecordedPicture, recordedPicture } from './recorded-picture.ts'
import type { RecordedStatistics } from './recorded-statistics.ts'
import { pictureStatistics, vectorStatistics } from './recorded-statistics.ts'

/** Value of a feature in a frame: a number or a list of them, a text, or the picture of a camera. */
export type FrameValue = number | boolean | string | ArrayLike<number> | CameraPixels | EncodedImage

/**
 * One frame: `task`, the command in words, and a value for each feature by its name. A picture is pixels of a camera, or
 * an encoded image, whose bytes are kept as they are where the camera is stored as images.
 */
export interface RecordedFrame {
  readonly task: string
  readonly [feature: string]: FrameValue
}

/** Place of what is checked: the data set's directory, the episode and the frame. */
export interface FramePlace {
  readonly directory: string
  readonly episode: number
  readonly frame: number
}

/** A frame after its checks: values by feature, and the pictures of all cameras. */
export interface CheckedFrame {
  readonly task: string
  readonly values: Readonly<Record<string, readonly number[] | string>>
  readonly pictures: Readonly<Record<string, RecordedPicture>>
}

type Features = Readonly<Record<string, LerobotFeature>>

/**
 * Check one frame against the features of the data set, and decode or encode its pictures.
 * @throws DataError `data/recorded-frame` naming the episode, the frame and the feature.
 */
export async function checkedFrame(
  { task, ...given }: RecordedFrame,
  features: Features,
  place: FramePlace,
): Promise<CheckedFrame> {
  const bad = (problem: string, feature?: string) => frameError(place, problem, feature)
  if (typeof task !== 'string') throw bad('it has no task, the command in words')
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(features, name))
      throw bad(`there is no feature "${name}"${didYouMean(name, Object.keys(features))}`, name)
  }
  const values: Record<string, readonly number[] | string> = {}
  const pictures: Record<string, RecordedPicture> = {}
  for (const [name, feature] of Object.entries(features)) {
    const value = given[name]
    if (value === undefined) throw bad(`it lacks "${name}"`, name)
    const { dtype } = feature
    const fail = (problem: string) => bad(`"${name}" ${problem}`, name)
    if (dtype === 'image' || dtype === 'video') pictures[name] = await recordedPicture(value, feature, fail)
    else if (dtype === 'string') values[name] = textOf(value, fail)
    else values[name] = numbersOf(value, feature, fail)
  }
  return { task, values, pictures }
}

export type Fail = (problem: string) => DataError

function frameError({ directory, episode, frame }: FramePlace, problem: string, feature?: string): DataError {
  return new DataError(
    'data/recorded-frame',
    `${directory}: frame ${frame} of episode ${episode} cannot be recorded: ${problem}`,
    { directory, episode, frame, ...(feature !== undefined && { feature }) },
  )
}

function textOf(value: FrameValue, fail: Fail): string {
  if (typeof value === 'string') return value
  throw fail('is no text')
}

function numbersOf(value: FrameValue, { dtype, shape }: LerobotFeature, fail: Fail): number[] {
  const isList = typeof value === 'object' && 'length' in value
  if (!isList && typeof value !== 'number' && typeof value !== 'boolean')
    throw fail(`is no ${isNumberType(dtype) ? dtype : 'number'}`)
  const numbers = isList ? Array.from(value, Number) : [Number(value)]
  const width = shape[0] ?? 1
  if (numbers.length !== width) throw fail(`has ${numbers.length} numbers; its shape is [${width}]`)
  const bad = numbers.findIndex((number) => !Number.isFinite(number))
  if (bad >= 0) throw fail(`is ${numbers[bad]} at ${bad}, not a finite number`)
  const isWhole = dtype.startsWith('int')
  const part = isWhole ? numbers.findIndex((number) => !Number.isSafeInteger(number)) : -1
  if (part >= 0) throw fail(`is ${numbers[part]} at ${part}, but ${dtype} holds whole numbers`)
  return dtype === 'float32' ? numbers.map(Math.fround) : numbers
}

/** Content of an episode under way. Its stored images are in memory; videos are encoded as they come. */
export class EpisodeBuffer {
  readonly tasks: string[] = []
  readonly #features: Features
  readonly #numbers = new Map<string, number[]>()
  readonly #texts = new Map<string, string[]>()
  readonly #images = new Map<string, Uint8Array[]>()
  readonly #tallies = new Map<string, PictureTallies>()

  constructor(features: Features) {
    this.#features = features
    for (const [name, { dtype }] of Object.entries(features)) {
      if (isNumberType(dtype)) this.#numbers.set(name, [])
      else if (dtype === 'string') this.#texts.set(name, [])
      else this.#tallies.set(name, new PictureTallies())
      if (dtype === 'image') this.#images.set(name, [])
    }
  }

  get length(): number {
    return this.tasks.length
  }

  add({ task, values, pictures }: CheckedFrame): void {
    this.tasks.push(task)
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === 'string') this.#texts.get(name)?.push(value)
      else this.#numbers.get(name)?.push(...value)
    }
    for (const [name, { bytes, pixels }] of Object.entries(pictures)) {
      this.#tallies.get(name)?.add(pixels)
      if (bytes) this.#images.get(name)?.push(bytes)
    }
  }

  /** Values of all features but videos. */
  columns(): Record<string, FeatureColumn> {
    return Object.fromEntries([...this.#numbers, ...this.#texts, ...this.#images])
  }

  /** Statistics of all features but texts. */
  statistics(): Record<string, RecordedStatistics> {
    const numbers = [...this.#numbers].map(([name, values]) => {
      return [name, vectorStatistics(values, this.#features[name]?.shape[0] ?? 1)]
    })
    const pictures = [...this.#tallies].map(([name, tallies]) => {
      const { tally, count } = tallies.sampled()
      return [name, pictureStatistics(tally, count)]
    })
    return Object.fromEntries([...numbers, ...pictures])
  }
}
