import { ConfigError } from '../../core/index.ts'
import { isNumberType, writtenTypes } from './data-columns.ts'
import { frameColumns, type LerobotFeature } from './layout.ts'

/** Feature of a recording: what a column of data, or a camera, holds. */
export interface RecordedFeature {
  /** Numbers, texts, or a camera that is stored as images in the data files or as a video. */
  readonly dtype: (typeof writtenTypes)[number]
  /** `[count]` of numbers (a text has `[1]`); `[height, width, 3]` of a camera. */
  readonly shape: readonly number[]
  /** Names of the numbers, for example of the joints. */
  readonly names?: readonly string[]
}

const cameraNames = ['height', 'width', 'channels']

/**
 * Features as `info.json` holds them: those of the recording, and the columns of all data sets.
 * @throws ConfigError `config/recording` for a feature that cannot be written.
 */
export function recordedFeatures(
  features: Readonly<Record<string, RecordedFeature>>,
): Record<string, LerobotFeature> {
  const own = Object.entries(features).map(([name, feature]): [string, LerobotFeature] => {
    const problem = nameProblem(name) ?? featureProblem(feature)
    if (problem) {
      throw new ConfigError('config/recording', `the feature "${name}" ${problem}`, { feature: name })
    }
    const { dtype, shape, names } = feature
    const isCamera = dtype === 'image' || dtype === 'video'
    const written = isCamera ? cameraNames : names ? [...names] : null
    return [name, { dtype, shape: [...shape], names: written }]
  })
  const common = Object.entries(frameColumns).map(([name, feature]): [string, LerobotFeature] => [
    name,
    { ...feature, shape: [...feature.shape] },
  ])
  return Object.fromEntries([...own, ...common])
}

function nameProblem(name: string): string | undefined {
  if (name === 'task') return 'has the name of the command of a frame: choose another'
  if (Object.hasOwn(frameColumns, name)) return 'is written to every data set: leave it out'
  return name === '' || name.includes('/') ? 'needs a name without /' : undefined
}

function featureProblem({ dtype, shape, names }: RecordedFeature): string | undefined {
  if (!writtenTypes.includes(dtype))
    return `has dtype ${dtype}; those that are written are ${writtenTypes.join(', ')}`
  if (!shape.every((side) => Number.isInteger(side) && side > 0)) return `has the shape [${shape}]`
  if (!isNumberType(dtype) && dtype !== 'string') return cameraProblem(dtype, shape)
  if (shape.length !== 1) return `has the shape [${shape}]; one dimension is written`
  if (dtype === 'string' && shape[0] !== 1) return `has the shape [${shape}]; one text a frame is written`
  if (names && names.length !== shape[0]) return `has ${names.length} names for ${shape[0]} numbers`
  return undefined
}

function cameraProblem(dtype: 'image' | 'video', shape: readonly number[]): string | undefined {
  const [height = 0, width = 0, channels] = shape
  if (shape.length !== 3 || channels !== 3)
    return `has the shape [${shape}]; a camera's is [height, width, 3]`
  const isOdd = dtype === 'video' && (height % 2 !== 0 || width % 2 !== 0)
  return isOdd ? `is ${height} × ${width}; videos have even sides` : undefined
}
