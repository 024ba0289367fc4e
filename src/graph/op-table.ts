import type { DType, HostArray, Shape } from '../core/index.ts'
import { convolution } from './ops/convolution.ts'
import { elementwise } from './ops/elementwise.ts'
import { indexing } from './ops/indexing.ts'
import { layout } from './ops/layout.ts'
import { leaves } from './ops/leaves.ts'
import { matrix } from './ops/matrix.ts'
import { normalization } from './ops/normalization.ts'
import { packing } from './ops/packing.ts'
import { quantization } from './ops/quantization.ts'
import { reduction } from './ops/reduction.ts'
import type { Tensor } from './tensor.ts'

type None = Record<never, never>

/** Every primitive operation and its attributes. Anything else is built from these in `functions/`. */
export interface OpAttributes {
  input: { name: string; shape: Shape; dtype: DType }
  constant: { value: HostArray }

  add: None
  sub: None
  mul: None
  div: None
  maximum: None
  minimum: None
  neg: None
  abs: None
  exp: None
  log: None
  sqrt: None
  reciprocal: None
  erf: None
  sin: None
  cos: None
  tanh: None
  sigmoid: None
  softplus: None
  relu: None
  gelu: { approximation: 'none' | 'tanh' | 'quick' }
  clamp: { min: number; max: number }
  equal: None
  less: None
  lessOrEqual: None
  not: None
  and: None
  where: None
  cast: { to: DType }
  detach: None

  sum: { axes: readonly number[]; keepAxes: boolean }
  mean: { axes: readonly number[]; keepAxes: boolean }
  max: { axes: readonly number[]; keepAxes: boolean }
  logSumExp: { axes: readonly number[]; keepAxes: boolean }
  argMax: { axis: number }
  cumulativeSum: { axis: number; reverse: boolean }

  matmul: { transposeA: boolean; transposeB: boolean; scale: number; exact: boolean }
  gemm: { transposeA: boolean; transposeB: boolean }

  /** Strides, padding and dilation are the same along both axes. */
  conv: { stride: number; padding: number; dilation: number }
  /** `size` is the height and width of the images. */
  convTranspose: { stride: number; padding: number; dilation: number; size: Shape }
  maxPool: { size: number; stride: number; padding: number }

  softmax: { axis: number }
  logSoftmax: { axis: number }
  layerNorm: { epsilon: number }

  gather: { axis: number }
  gatherElements: { axis: number }
  scatterElements: { axis: number }

  reshape: { shape: Shape }
  reshapeTo: { shape: Shape }
  transpose: { permutation: readonly number[] }
  expand: { shape: Shape }
  slice: { starts: readonly number[]; ends: readonly number[]; steps: readonly number[] }
  concat: { axis: number }
  split: { axis: number; sizes: readonly number[] }
  pad: { before: readonly number[]; after: readonly number[]; value: number }

  /** `rows` is the prime that stands for the number of rows: see `PackedRows`. */
  packRows: { rows: number }
  padRows: None

  quantize: None
  dequantize: { axis: number }
  matmulBits: { bits: 4 | 8; block: number }
}

export type OpName = keyof OpAttributes

export type One = readonly [Tensor]
export type Two = readonly [Tensor, Tensor]
type Three = readonly [Tensor, Tensor, Tensor]
/** One input or more. */
export type Several = readonly [Tensor, ...Tensor[]]

/** Inputs of the ops that have not exactly one. */
interface Arity extends Record<Binary, Two> {
  input: readonly []
  constant: readonly []
  clamp: Three
  where: Three
  gemm: readonly [Tensor, Tensor, ...bias: Tensor[]]
  layerNorm: Three
  scatterElements: Three
  packRows: Three
  padRows: Three
  quantize: Three
  dequantize: readonly [Tensor, Tensor, ...zeroPoint: Tensor[]]
  matmulBits: readonly [Tensor, Tensor, Tensor, ...zeroPoints: Tensor[]]
  concat: Several
}

type Binary =
  | ('add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'equal' | 'less' | 'lessOrEqual' | 'and')
  | ('matmul' | 'conv' | 'convTranspose' | 'gather' | 'gatherElements' | 'reshapeTo')

/** The inputs of an op; of any op, a list. */
export type OpInputs<Name extends OpName> = [OpName] extends [Name]
  ? readonly Tensor[]
  : Name extends keyof Arity
    ? Arity[Name]
    : One

/** One value for each input. */
type ForEach<Inputs extends readonly Tensor[], Value> = { readonly [Index in keyof Inputs]: Value }

/** Arguments of a gradient rule: the node's inputs and outputs, the gradient of each output, and its attributes. */
export type GradientContext<A, Inputs extends readonly Tensor[] = readonly Tensor[]> = {
  readonly inputs: Inputs
  readonly outputs: Several
  /** First output and its gradient. */
  readonly y: Tensor
  readonly dy: Tensor
  /** Gradients of all outputs; undefined for an output that nothing uses. */
  readonly dys: readonly (Tensor | undefined)[]
  /** True for each input whose gradient is wanted; a costly rule may skip the others. */
  readonly wanted: ForEach<Inputs, boolean>
} & A

/** One ONNX node. `constants` become initializers appended to the inputs. */
export interface Lowering {
  readonly op: string
  /** Number of inputs that the ONNX node takes; the others serve the gradient. Default: all. */
  readonly reads?: number
  readonly domain?: 'com.microsoft'
  readonly attributes?: Readonly<Record<string, number | string | readonly number[] | { float: number }>>
  readonly constants?: readonly (HostArray | undefined)[]
}

export type LoweringContext<A, Inputs extends readonly Tensor[] = readonly Tensor[]> = {
  readonly inputs: Inputs
  readonly outputs: Several
} & A

/** Shape and dtype of an output. */
export interface OutputType {
  readonly shape: Shape
  readonly dtype: DType
}

/** One op, one row: its shape rule, its gradient rule and its ONNX form. */
export interface OpRow<A, Inputs extends readonly Tensor[] = readonly Tensor[]> {
  /** Output shapes and dtypes. @throws ShapeError with the operation, the shapes and the likely fix. */
  infer(inputs: Inputs, attributes: A): OutputType | readonly OutputType[]
  /** Gradient of each input, undefined if it has none; `none` for an op without any gradient. */
  gradient: 'none' | ((context: GradientContext<A, Inputs>) => ForEach<Inputs, Tensor | undefined>)
  /** The ONNX node; `leaf` for graph inputs and constants. */
  onnx: 'leaf' | ((context: LoweringContext<A, Inputs>) => Lowering)
  /** Value of one element from the elements of the inputs, by which constants are folded. */
  scalar?: (attributes: A, ...values: ForEach<Inputs, number>) => number
}

export type OpTable = { readonly [Name in OpName]: OpRow<OpAttributes[Name], OpInputs<Name>> }

/** The op table: a missing rule does not compile. */
export const ops: OpTable = {
  ...leaves,
  ...elementwise,
  ...reduction,
  ...matrix,
  ...convolution,
  ...normalization,
  ...indexing,
  ...layout,
  ...packing,
  ...quantization,
}
