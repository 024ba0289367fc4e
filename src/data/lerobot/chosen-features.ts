import { ConfigError, type DType, didYouMean } from '../../core/index.ts'
import type { ArrayKind } from '../sample.ts'
import { camerasOf } from './episode.ts'
import type { LerobotFeature, LerobotInfo } from './layout.ts'
import type { LerobotOptions } from './lerobot-spec.ts'

/** A feature that is brought as an array: values of the frames at `deltas` from the sample's own. */
export interface WindowedFeature {
  /** Name in the source, and in the data. */
  readonly name: string
  readonly key: string
  readonly dtype: DType
  /** Shape of one frame's value. */
  readonly shape: readonly number[]
  /** Frames, counted from the sample's own. */
  readonly deltas: readonly number[]
  /** False where the array is the value of the sample's own frame, without an axis for frames and without `_is_pad`. */
  readonly isWindow: boolean
}

/** Cameras and features that a source brings. */
export interface ChosenFeatures {
  /** Names in the source, with those in the data, in their order. */
  readonly cameras: readonly { readonly name: string; readonly key: string }[]
  readonly features: readonly WindowedFeature[]
}

/** Deviation from a multiple of 1/fps, and of a frame from its time, that is allowed, in seconds: LeRobot's own. */
export const toleranceSeconds = 1e-4

/** dtypes of features that arrays can hold, with those of the arrays. */
const arrayDTypes: Readonly<Record<string, DType>> = {
  float32: 'float32',
  float64: 'float32',
  int64: 'int64',
  int32: 'int32',
  bool: 'bool',
}

/**
 * Choose cameras and arrays: `action`, every `observation.…` of numbers, and what `deltaTimestamps` names.
 * @throws ConfigError `data/lerobot-features` naming the feature and the ones that are there.
 */
export function chooseFeatures(
  info: LerobotInfo,
  options: LerobotOptions,
  directory: string,
): ChosenFeatures {
  const renamed = namesIn(info, options.features ?? {}, directory)
  const keyOf = new Map(Object.keys(info.features).map((key) => [renamed.get(key) ?? key, key]))
  const wrong = (problem: string, facts: Record<string, unknown> = {}) =>
    new ConfigError('data/lerobot-features', `${directory}: ${problem}`, { directory, ...facts })
  const allCameras = new Set(camerasOf(info))
  const isCamera = (name: string) => allCameras.has(keyOf.get(name) ?? '')
  const known = [...keyOf.keys()].filter(isCamera)
  const cameras = options.cameras ?? known
  if (cameras.length === 0) throw wrong('the data has no camera: a sample needs a picture')
  for (const name of cameras)
    if (!isCamera(name))
      throw wrong(`there is no camera "${name}"${didYouMean(name, known)}`, { feature: name, known })
  if (new Set(cameras).size < cameras.length) throw wrong('a camera is named twice', { cameras })
  const given = options.deltaTimestamps ?? {}
  for (const name of Object.keys(given)) {
    const others = [...keyOf.keys()].filter((other) => !isCamera(other))
    if (isCamera(name))
      throw wrong(`deltaTimestamps has camera "${name}", but a sample has the picture of its own frame only`)
    if (!keyOf.has(name))
      throw wrong(`there is no feature "${name}"${didYouMean(name, others)}`, { feature: name, known: others })
  }
  const features = [...keyOf].flatMap(([name, key]) => {
    const feature = info.features[key]!
    const isAsked = Object.hasOwn(given, name)
    const dtype = arrayDTypes[feature.dtype]
    if (isCamera(name) || !(isAsked || isUsual(name))) return []
    if (dtype === undefined) {
      if (!isAsked) return []
      throw wrong(`feature "${name}" is of ${feature.dtype}, which is no array of numbers`, { feature: name })
    }
    return [{ name, key, dtype, shape: feature.shape, ...windowOf(name, info.fps, options, wrong) }]
  })
  return { cameras: cameras.map((name) => ({ name, key: keyOf.get(name)! })), features }
}

const isUsual = (name: string): boolean => name === 'action' || name.startsWith('observation.')

/** New names by the data's own. */
function namesIn(
  { features }: LerobotInfo,
  given: Readonly<Record<string, string>>,
  directory: string,
): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>()
  for (const [name, key] of Object.entries(given)) {
    const taken = Object.hasOwn(features, name) && !Object.values(given).includes(name)
    const problem = !Object.hasOwn(features, key)
      ? `features maps "${name}" to "${key}", which the data does not have${didYouMean(key, Object.keys(features))}`
      : taken && name !== key
        ? `features calls "${key}" "${name}", but the data has another feature of that name`
        : renamed.has(key) && `features maps two names to "${key}"`
    if (problem) {
      const facts = { directory, feature: key, known: Object.keys(features) }
      throw new ConfigError('data/lerobot-features', `${directory}: ${problem}`, facts)
    }
    renamed.set(key, name)
  }
  return renamed
}

function windowOf(
  name: string,
  fps: number,
  { chunk = 1, observationSteps = 1, deltaTimestamps = {} }: LerobotOptions,
  wrong: (problem: string, facts?: Record<string, unknown>) => ConfigError,
): Pick<WindowedFeature, 'deltas' | 'isWindow'> {
  const seconds = deltaTimestamps[name]
  if (seconds !== undefined) {
    const off = seconds.find((delta) => Math.abs(delta * fps - Math.round(delta * fps)) / fps > toleranceSeconds)
    if (off !== undefined)
      throw wrong(`deltaTimestamps of "${name}" has ${off} s, which is no multiple of 1/${fps} s`, { feature: name })
    return { deltas: seconds.map((delta) => Math.round(delta * fps)), isWindow: true }
  }
  if (name === 'action') return { deltas: Array.from({ length: chunk }, (_, i) => i), isWindow: true }
  const deltas = Array.from({ length: observationSteps }, (_, i) => i + 1 - observationSteps)
  return { deltas, isWindow: observationSteps > 1 }
}

/** Declarations of the arrays of these features, with `<name>_is_pad` for windows. */
export function arrayKindsOf(
  features: readonly WindowedFeature[],
  info: LerobotInfo,
): Record<string, ArrayKind> {
  return Object.fromEntries(
    features.flatMap(({ name, key, dtype, shape, deltas, isWindow }) => {
      const names = valueNames(info.features[key]!)
      const own = {
        dtype,
        shape: isWindow ? [deltas.length, ...shape] : shape,
        isMotion: true,
        ...(names && { names }),
      }
      const pad = { dtype: 'bool', shape: [deltas.length] } as const
      return [[name, own] as const, ...(isWindow ? [[padName(name), pad] as const] : [])]
    }),
  )
}

/** Name of the array that marks frames outside the episode. */
export const padName = (name: string): string => `${name}_is_pad`

/** Names of the values of a feature of one dimension, in their order, where the data has one for each. */
function valueNames({ names, shape }: LerobotFeature): readonly string[] | undefined {
  if (names === null || names === undefined) return undefined
  const list = Array.isArray(names)
    ? names
    : Object.entries(names).every(([, value]) => typeof value === 'number')
      ? Object.keys(names)
      : Object.values(names).flat().map(String)
  return shape.length === 1 && list.length === shape[0] ? list : undefined
}
