import {
  CheckpointError,
  float32,
  fromBfloat16,
  fromFloat16,
  type HostArray,
  nameGroups,
  readSafetensors,
  readShardedSafetensors,
  type StoredArray,
  sameShape,
  toBfloat16,
  toFloat16,
  type WeightDType,
} from '../core/index.ts'
import { type Module, namedParameters } from '../nn/index.ts'

/** The values of a model's parameters by name. */
export type Weights = ReadonlyMap<string, HostArray<'float32'>>

/** Largest number of misfits in one message. */
const mostNamed = 5

/** End of the name of an index of sharded weights. */
const indexEnding = '.index.json'

/** Weights as a file gives them. */
export interface LoadedWeights {
  readonly weights: Weights
  /** Names of the file's tensors that are no parameters of the model, such as the `position_ids` of older checkpoints. */
  readonly leftOut: readonly string[]
  /** Precision that most numbers of the file have. */
  readonly dtype: WeightDType
}

/**
 * The weights of `model` in a safetensors file, or in the shards of an index (`.index.json`), half precision widened.
 * Tensors that are no parameters are not read, whatever their dtype.
 * @param files The file, and further ones with the tensors that those before them lack.
 * @throws CheckpointError `checkpoint/mismatch` of {@link requireFit}, or an error of `readSafetensors` or
 * `readShardedSafetensors`.
 * @param parameterOf The parameter that a tensor of the file belongs to, by name. Default: of its own name.
 */
export function readWeights(
  [file, ...further]: readonly [string, ...string[]],
  model: Module,
  parameterOf: (tensor: string) => string = (tensor) => tensor,
): LoadedWeights {
  const wanted = new Set(Array.from(namedParameters(model), ([name]) => name))
  const leftOut: string[] = []
  const weights = new Map<string, HostArray<'float32'>>()
  const isWanted = (name: string) => {
    const parameter = parameterOf(name)
    if (!wanted.has(parameter)) leftOut.push(name)
    return wanted.has(parameter) && !weights.has(parameter)
  }
  const stored = new Map<string, string>()
  for (const each of [file, ...further]) {
    const read = each.endsWith(indexEnding) ? readShardedSafetensors : readSafetensors
    const { tensors, dtypes } = read(each, isWanted)
    for (const [name, array] of tensors) weights.set(parameterOf(name), floatsOf(array, name, each))
    for (const [name, dtype] of dtypes) stored.set(parameterOf(name), dtype)
  }
  return { weights: requireFit(weights, model, file), leftOut, dtype: mostOf(weights, stored) }
}

const spelled = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const

/** The precision of most numbers; a file of nothing is float32. */
function mostOf(weights: Weights, dtypes: ReadonlyMap<string, string>): WeightDType {
  const numbers = { F32: 0, F16: 0, BF16: 0 }
  for (const [name, { data }] of weights) numbers[dtypes.get(name) as keyof typeof numbers] += data.length
  const [most] = Object.entries(numbers).sort(([, a], [, b]) => b - a)
  return spelled[most![0] as keyof typeof spelled]
}

/** Weights in a precision: as a file stores them, and as they are in float32 then. */
export interface RoundedWeights {
  readonly stored: ReadonlyMap<string, StoredArray>
  readonly weights: Weights
}

/**
 * Round weights to a precision.
 * @throws CheckpointError `bundle/dtype` for a number that is beyond its range, 65504 in float16.
 */
export function roundWeights(weights: Weights, dtype: WeightDType): RoundedWeights {
  if (dtype === 'float32') return { stored: weights, weights }
  const [narrow, widen] = dtype === 'float16' ? [toFloat16, fromFloat16] : [toBfloat16, fromBfloat16]
  const stored = new Map<string, StoredArray>()
  const rounded = new Map<string, HostArray<'float32'>>()
  for (const [name, { shape, data }] of weights) {
    const halves = narrow(data)
    const values = widen(halves)
    requireFinite(name, data, values, dtype)
    stored.set(name, { dtype, shape, data: halves })
    rounded.set(name, float32(shape, values))
  }
  return { stored, weights: rounded }
}

function requireFinite(name: string, before: Float32Array, after: Float32Array, dtype: WeightDType): void {
  const at = after.findIndex((value, i) => !Number.isFinite(value) && Number.isFinite(before[i]))
  if (at === -1) return
  throw new CheckpointError(
    'bundle/dtype',
    `"${name}" has the number ${before[at]}, which is beyond ${dtype}. Export in bfloat16 or float32`,
    { tensor: name, value: before[at], dtype },
  )
}

/** Sentence about the tensors of a file that a model leaves out; undefined where it takes all. */
export function leftOutNote(
  source: string,
  { weights, leftOut = [] }: Partial<LoadedWeights> & Pick<LoadedWeights, 'weights'>,
): string | undefined {
  if (leftOut.length === 0) return undefined
  const names = nameGroups(leftOut, weights.keys()).join(', ')
  return `${source}: ${weights.size} of ${weights.size + leftOut.length} tensors are the model's; the others are not used: ${names}`
}

/** An array of a file as float32. @throws CheckpointError `checkpoint/dtype`. */
export function floatsOf(array: HostArray, name: string, file: string): HostArray<'float32'> {
  if (array.dtype === 'float32') return array as HostArray<'float32'>
  if (array.dtype === 'float16') return float32(array.shape, fromFloat16(array.data as Uint16Array))
  throw new CheckpointError(
    'checkpoint/dtype',
    `${file}: tensor "${name}" has dtype ${array.dtype}, the weights of a model are float32, float16 or bfloat16. ` +
      'Convert it in Python.',
    { file, tensor: name, dtype: array.dtype },
  )
}

/**
 * The weights that `model` needs, without any others.
 * @throws CheckpointError `checkpoint/mismatch` naming each tensor that is missing or of another shape.
 */
export function requireFit(weights: Weights, model: Module, file: string): Weights {
  const found = new Map<string, HostArray<'float32'>>()
  const misfits: string[] = []
  for (const [name, { shape }] of namedParameters(model)) {
    const value = weights.get(name)
    if (value && sameShape(value.shape, shape)) found.set(name, value)
    else if (value) misfits.push(`"${name}" has shape [${value.shape}], the config needs [${shape}]`)
    else misfits.push(`"${name}" [${shape}] is missing`)
  }
  if (misfits.length === 0) return found
  const more = misfits.length - mostNamed
  const list = [...misfits.slice(0, mostNamed), ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
  throw new CheckpointError(
    'checkpoint/mismatch',
    `${file} does not fit the config of its model: ${list}. Take weights and config.json from one run`,
    { file, misfits },
  )
}
