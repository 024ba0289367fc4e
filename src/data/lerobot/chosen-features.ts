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

type Wrong = (problem: string, facts?: Readonly<Record<string, unknown>>) => ConfigError

/**
 * Choose cameras and arrays: `action`, every `observation.…` of numbers, and what `deltaTimestamps` names.
 * @throws ConfigError `data/lerobot-features` naming the feature and the ones that are there.
 */
export function chooseFeatures(
  info: LerobotInfo,
  options: LerobotOptions,
  directory: string,
): ChosenFeatures {
  const wrong: Wrong = (problem, facts) =>
    new ConfigError('data/lerobot-features', `${directory}: ${problem}`, { directory, ...facts })
  const renamed = namesIn(info, options.features ?? {}, wrong)
  const keyOf = new Map(Object.keys(info.features).map((key) => [renamed.get(key) ?? key, key]))
  const cameraKeys = camerasOf(info)
  const [cameras, others] = [true, false].map((isCamera) =>
    [...keyOf.keys()].filter((name) => cameraKeys.includes(keyOf.get(name)!) === isCamera),
  ) as [string[], string[]]
  requireWindows(options.deltaTimestamps ?? {}, { cameras, others }, wrong)
  return {
    cameras: chooseCameras(options.cameras, cameras, wrong).map((name) => ({ name, key: keyOf.get(name)! })),
    features: others.flatMap((name) => {
      const key = keyOf.get(name)!
      const isAsked = Object.hasOwn(options.deltaTimestamps ?? {}, name)
      const { dtype: told, shape } = info.features[key]!
      const dtype = arrayDTypes[told]
      if (!isAsked && (dtype === undefined || !isUsual(name))) return []
      if (dtype === undefined)
        throw wrong(`feature "${name}" is of ${told}, which is no array of numbers`, { feature: name })
      return [{ name, key, dtype, shape, ...windowOf(name, info.fps, options, wrong) }]
    }),
  }
}

function chooseCameras(chosen: readonly string[] | undefined, known: readonly string[], wrong: Wrong) {
  const cameras = chosen ?? known
  if (cameras.length === 0) throw wrong('the data has no camera: a sample needs a picture')
  const absent = cameras.find((name) => !known.includes(name))
  if (absent !== undefined)
    throw wrong(`there is no camera "${absent}"${didYouMean(absent, known)}`, { feature: absent, known })
  if (new Set(cameras).size < cameras.length) throw wrong('a camera is named twice', { cameras })
  return cameras
}

function requireWindows(
  given: Readonly<Record<string, readonly number[]>>,
  { cameras, others }: { readonly cameras: readonly string[]; readonly others: readonly string[] },
  wrong: Wrong,
): void {
  for (const name of Object.keys(given)) {
    if (cameras.includes(name))
      throw wrong(`deltaTimestamps has camera "${name}", but a sample has the picture of its own frame only`)
    if (!others.includes(name))
      throw wrong(`there is no feature "${name}"${didYouMean(name, others)}`, {
        feature: name,
        known: others,
      })
  }
}

const isUsual = (name: string): boolean => name === 'action' || name.startsWith('observation.')

/** New names by the data's own. */
function namesIn(
  { features }: LerobotInfo,
  given: Readonly<Record<string, string>>,
  wrong: Wrong,
): ReadonlyMap<string, string> {
  const known = Object.keys(features)
  const mapped = Object.values(given)
  const renamed = new Map<string, string>()
  for (const [name, key] of Object.entries(given)) {
    const facts = { feature: key, known }
    if (!known.includes(key))
      throw wrong(
        `features maps "${name}" to "${key}", which the data does not have${didYouMean(key, known)}`,
        facts,
      )
    if (name !== key && known.includes(name) && !mapped.includes(name))
      throw wrong(`features calls "${key}" "${name}", but the data has another feature of that name`, facts)
    if (renamed.has(key)) throw wrong(`features maps two names to "${key}"`, facts)
    renamed.set(key, name)
  }
  return renamed
}

function windowOf(
  name: string,
  fps: number,
  { chunk = 1, observationSteps = 1, deltaTimestamps = {} }: LerobotOptions,
  wrong: Wrong,
): Pick<WindowedFeature, 'deltas' | 'isWindow'> {
  const seconds = deltaTimestamps[name]
  if (seconds !== undefined) {
    const off = seconds.find(
      (delta) => Math.abs(delta * fps - Math.round(delta * fps)) / fps > toleranceSeconds,
    )
    if (off !== undefined)
      throw wrong(`deltaTimestamps of "${name}" has ${off} s, which is no multiple of 1/${fps} s`, {
        feature: name,
      })
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
