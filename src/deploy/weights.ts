import {
  CheckpointError,
  float32,
  type HostArray,
  nameGroups,
  readSafetensors,
  readShardedSafetensors,
  sameShape,
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
}

/**
 * The weights of `model` in a safetensors file, or in the shards of an index (`.index.json`), half precision widened.
 * Tensors that are no parameters are not read, whatever their dtype.
 * @throws CheckpointError `checkpoint/mismatch` of {@link requireFit}, or an error of `readSafetensors` or
 * `readShardedSafetensors`.
 * @param parameterOf The parameter that a tensor of the file belongs to, by name. Default: of its own name.
 */
export function readWeights(
  file: string,
  model: Module,
  parameterOf: (tensor: string) => string = (tensor) => tensor,
): LoadedWeights {
  const wanted = new Set(Array.from(namedParameters(model), ([name]) => name))
  const leftOut: string[] = []
  const isWanted = (name: string) => {
    const isKnown = wanted.has(parameterOf(name))
    if (!isKnown) leftOut.push(name)
    return isKnown
  }
  const read = file.endsWith(indexEnding) ? readShardedSafetensors : readSafetensors
  const weights = new Map<string, HostArray<'float32'>>()
  for (const [name, array] of read(file, isWanted).tensors) {
    weights.set(parameterOf(name), floatsOf(array, name, file))
  }
  return { weights: requireFit(weights, model, file), leftOut }
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

function floatsOf(array: HostArray, name: string, file: string): HostArray<'float32'> {
  if (array.dtype === 'float32') return array as HostArray<'float32'>
  if (array.dtype === 'float16') return widen(array as HostArray<'float16'>)
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

/** IEEE 754 half precision, given as bits, converted to float32 without rounding. */
function widen({ shape, data }: HostArray<'float16'>): HostArray<'float32'> {
  return float32(shape, Float32Array.from(data, halfToNumber))
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
