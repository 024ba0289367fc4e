import { didYouMean, RequestError, type Shape } from '../../../core/index.ts'
import type { CameraPixels, EncodedImage } from '../../../data/images/index.ts'
import { requireImageFits } from '../http/image-header.ts'
import type { Message, MessageMap } from '../message/message.ts'
import { NumpyArray } from '../message/numpy-array.ts'

/** Key of the command in an observation. */
export const promptKey = 'prompt'

/** Names and bounds by which an observation is read. */
export interface ObservationKeys {
  /** Key of the image that the policy reads; `/` leads into maps, as in `images/cam_high`. */
  readonly camera: string
  /** Largest width and height of an image in pixels. */
  readonly imageSide: number
}

/** An observation of openpi's clients as a policy reads it. */
export interface ReadObservation {
  readonly pixels: CameraPixels | EncodedImage
  readonly command: string
  /** Keys that the policy does not read, such as those of other cameras and of the state. */
  readonly unread: readonly string[]
}

/**
 * Read an observation: the camera's image, uint8 as [height, width, 3] or [3, height, width] or the bytes of an image's
 * file, and the command under `prompt`. All numbers are checked, also those that the policy does not read.
 * @throws RequestError `serve/observation` for a key that is missing or of another kind, `serve/not-finite` for NaN or an
 * infinity, `serve/image` for an image that is too large.
 */
export function readObservation(message: Message, { camera, imageSide }: ObservationKeys): ReadObservation {
  const values = flattened(message)
  for (const [key, value] of values) requireFinite(key, value)
  const command = values.get(promptKey)
  if (typeof command !== 'string')
    throw wrongObservation(`its ${promptKey} must be a text, the command`, { keys: [...values.keys()] })
  const picture = values.get(camera)
  if (picture === undefined) throw noCamera(camera, values)
  const pixels = pictureOf(camera, picture, imageSide)
  const unread = [...values.keys()].filter((key) => key !== camera && key !== promptKey)
  return { pixels, command, unread }
}

/** The picture under a key. @param side Largest width and height. @throws RequestError `serve/observation`, `serve/image`. */
export function pictureOf(key: string, value: Message, side: number): CameraPixels | EncodedImage {
  const pixels = value instanceof Uint8Array ? { bytes: value } : cameraPixels(key, value)
  requireImageFits(pixels, key, side)
  return pixels
}

/** The error of an observation that a policy cannot read. */
export const wrongObservation = (
  problem: string,
  facts: Readonly<Record<string, unknown>> = {},
): RequestError => new RequestError('serve/observation', `the observation cannot be used: ${problem}`, facts)

function noCamera(camera: string, values: ReadonlyMap<string, Message>): RequestError {
  const keys = [...values.keys()]
  const pictures = keys.filter((key) => isPicture(values.get(key)))
  return wrongObservation(
    `the policy reads the image '${camera}', which it lacks${didYouMean(camera, pictures)}. ` +
      'Send that key, or start the server with the name of another camera',
    { camera, keys },
  )
}

const isPicture = (value: Message | undefined): boolean =>
  value instanceof Uint8Array || (value instanceof NumpyArray && value.shape.length === 3)

/** Values by the path of their keys: `images/cam_high`. */
export function flattened(message: Message): Map<string, Message> {
  if (!isMap(message)) throw wrongObservation('it is no map')
  const values = new Map<string, Message>()
  const add = (map: MessageMap, path: string): void => {
    for (const [key, value] of Object.entries(map)) {
      const name = path + key
      if (isMap(value)) add(value, `${name}/`)
      else if (values.has(name)) throw wrongObservation(`it has the key ${name} twice`)
      else values.set(name, value)
    }
  }
  add(message, '')
  return values
}

const isMap = (value: Message): value is MessageMap =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  !(value instanceof NumpyArray)

/** Refuse numbers that are NaN or infinite. @throws RequestError `serve/not-finite`. */
export function requireFinite(key: string, value: Message): void {
  if (hasFiniteNumbers(value)) return
  throw new RequestError('serve/not-finite', `${key} has a number that is NaN or infinite`, { key })
}

function hasFiniteNumbers(value: Message): boolean {
  if (value instanceof NumpyArray) return value.isFinite
  if (Array.isArray(value)) return value.every(hasFiniteNumbers)
  return typeof value !== 'number' || Number.isFinite(value)
}

function cameraPixels(camera: string, value: Message): CameraPixels {
  if (!(value instanceof NumpyArray))
    throw wrongObservation(`${camera} must be an array of uint8`, { camera })
  const { dtype, shape } = value
  const size = dtype === '|u1' ? sizeOfPicture(shape) : undefined
  if (size === undefined)
    throw wrongObservation(
      `${camera} is ${dtype} of shape [${shape}]; it must be uint8 (|u1) of shape [height, width, 3] or [3, height, width]. ` +
        "openpi_client's image_tools.convert_to_uint8 makes it so",
      { camera, dtype, shape },
    )
  const bytes = value.bytes
  const { width, height } = size
  return { width, height, data: size.isPlanar ? interleaved(bytes, width * height) : bytes }
}

function sizeOfPicture([a = 0, b = 0, c = 0, ...more]: Shape) {
  if (more.length > 0 || a * b * c === 0) return undefined
  if (c === 3) return { height: a, width: b, isPlanar: false }
  return a === 3 ? { height: b, width: c, isPlanar: true } : undefined
}

/** Pixels [3, height, width] as [height, width, 3]. */
function interleaved(planes: Uint8Array, pixels: number): Uint8Array {
  const data = new Uint8Array(planes.length)
  for (let i = 0, to = 0; i < pixels; i++) {
    data[to++] = planes[i]!
    data[to++] = planes[pixels + i]!
    data[to++] = planes[2 * pixels + i]!
  }
  return data
}
