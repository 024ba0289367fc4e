import {
  type DType,
  float32,
  type HostArray,
  hostArray,
  normalizeAxis,
  type Shape,
  ShapeError,
  sameShape,
  sizeOf,
} from '../core/index.ts'
import { isSymbolic } from './onnx/symbolic-sizes.ts'
import { type OpAttributes, type OpInputs, type OpName, type OpRow, ops, type Several } from './op-table.ts'

/** An application of an op. Its outputs are tensors that point back to it. */
export interface Node<Name extends OpName = OpName> {
  readonly op: Name
  readonly inputs: OpInputs<Name>
  readonly attributes: OpAttributes[Name]
  readonly outputs: Several
  /** Region of a `checkpoint`: this node is recomputed in the backward pass, its result is not kept. */
  region?: Region
}

/** A part of the graph whose inner values are recomputed in the backward pass. */
export interface Region {
  readonly inputs: readonly Tensor[]
  readonly nodes: readonly Node[]
}

export interface ReductionOptions {
  /** Keep the reduced axes with size 1. Default false. */
  readonly keep?: boolean
}

/**
 * A symbolic array with a static shape: an edge of the computation graph. Methods build nodes; nothing is
 * computed until a program is compiled and run. Axes may be negative, numbers act as scalars of the same
 * dtype, and arithmetic broadcasts as in NumPy.
 */
export class Tensor {
  readonly node: Node
  /** Index of this tensor among the outputs of `node`. */
  readonly index: number
  readonly shape: Shape
  readonly dtype: DType

  constructor(node: Node, index: number, shape: Shape, dtype: DType) {
    this.node = node
    this.index = index
    this.shape = shape
    this.dtype = dtype
  }

  get rank(): number {
    return this.shape.length
  }

  get size(): number {
    return sizeOf(this.shape)
  }

  /** A scalar constant of this tensor's dtype. */
  scalar(value: number): Tensor {
    return scalar(value, this.dtype)
  }

  /** The number of elements along `axes` as a scalar of this dtype. It follows sizes that stay free in a file. */
  count(axes: readonly number[]): Tensor {
    return scalar(sizeOf(axes.map((axis) => this.shape[axis]!)), 'int64').cast(this.dtype)
  }

  // Arithmetic, elementwise with broadcasting.

  add(other: Tensor | number): Tensor {
    return apply('add', [this, this.#operand(other)])
  }

  sub(other: Tensor | number): Tensor {
    return apply('sub', [this, this.#operand(other)])
  }

  mul(other: Tensor | number): Tensor {
    return apply('mul', [this, this.#operand(other)])
  }

  div(other: Tensor | number): Tensor {
    return apply('div', [this, this.#operand(other)])
  }

  maximum(other: Tensor | number): Tensor {
    return apply('maximum', [this, this.#operand(other)])
  }

  minimum(other: Tensor | number): Tensor {
    return apply('minimum', [this, this.#operand(other)])
  }

  neg(): Tensor {
    return apply('neg', [this])
  }

  abs(): Tensor {
    return apply('abs', [this])
  }

  square(): Tensor {
    return this.mul(this)
  }

  exp(): Tensor {
    return apply('exp', [this])
  }

  log(): Tensor {
    return apply('log', [this])
  }

  sqrt(): Tensor {
    return apply('sqrt', [this])
  }

  reciprocal(): Tensor {
    return apply('reciprocal', [this])
  }

  erf(): Tensor {
    return apply('erf', [this])
  }

  sin(): Tensor {
    return apply('sin', [this])
  }

  cos(): Tensor {
    return apply('cos', [this])
  }

  tanh(): Tensor {
    return apply('tanh', [this])
  }

  sigmoid(): Tensor {
    return apply('sigmoid', [this])
  }

  /** log(1 + eˣ), finite for every x. */
  softplus(): Tensor {
    return apply('softplus', [this])
  }

  /** log σ(x) = −softplus(−x), finite for every x. */
  logSigmoid(): Tensor {
    return this.neg().softplus().neg()
  }

  relu(): Tensor {
    return apply('relu', [this])
  }

  /**
   * Gaussian error linear unit (Hendrycks & Gimpel 2016): x·Φ(x); `tanh` is its tanh approximation, `quick`
   * is x·σ(1.702x) as in CLIP.
   */
  gelu(approximation: 'none' | 'tanh' | 'quick' = 'none'): Tensor {
    return apply('gelu', [this], { approximation })
  }

  /** Values limited to [min, max]; the gradient is zero outside. */
  clamp(min: number, max: number): Tensor {
    return apply('clamp', [this, this.scalar(min), this.scalar(max)], { min, max })
  }

  // Comparison; the results are boolean and have no gradient.

  equal(other: Tensor | number): Tensor {
    return apply('equal', [this, this.#operand(other)])
  }

  less(other: Tensor | number): Tensor {
    return apply('less', [this, this.#operand(other)])
  }

  lessOrEqual(other: Tensor | number): Tensor {
    return apply('lessOrEqual', [this, this.#operand(other)])
  }

  greater(other: Tensor | number): Tensor {
    return apply('less', [this.#operand(other), this])
  }

  greaterOrEqual(other: Tensor | number): Tensor {
    return apply('lessOrEqual', [this.#operand(other), this])
  }

  not(): Tensor {
    return apply('not', [this])
  }

  and(other: Tensor): Tensor {
    return apply('and', [this, other])
  }

  /** Elements of `whenTrue` where this boolean tensor is true, else of `whenFalse`. */
  where(whenTrue: Tensor, whenFalse: Tensor | number): Tensor {
    const other = typeof whenFalse === 'number' ? whenTrue.scalar(whenFalse) : whenFalse
    return apply('where', [this, whenTrue, other])
  }

  cast(to: DType): Tensor {
    return to === this.dtype ? this : apply('cast', [this], { to })
  }

  /** The same values, cut off from the gradient. */
  detach(): Tensor {
    return apply('detach', [this])
  }

  // Reductions. Without axes, over all of them.

  sum(axes?: number | readonly number[], options?: ReductionOptions): Tensor {
    return apply('sum', [this], this.#reduction('sum', axes, options))
  }

  mean(axes?: number | readonly number[], options?: ReductionOptions): Tensor {
    return apply('mean', [this], this.#reduction('mean', axes, options))
  }

  max(axes?: number | readonly number[], options?: ReductionOptions): Tensor {
    return apply('max', [this], this.#reduction('max', axes, options))
  }

  /** log Σ exp(x), computed without overflow. */
  logSumExp(axes?: number | readonly number[], options?: ReductionOptions): Tensor {
    return apply('logSumExp', [this], this.#reduction('logSumExp', axes, options))
  }

  /** Index of the largest value along `axis` (the first of equals); int64, the axis removed. */
  argMax(axis: number): Tensor {
    return apply('argMax', [this], { axis: this.axis(axis, 'argMax') })
  }

  /** Sum of every element and those before it along `axis` (torch.cumsum); with `reverse`, those after it. */
  cumulativeSum(axis: number, { reverse = false }: { readonly reverse?: boolean } = {}): Tensor {
    return apply('cumulativeSum', [this], { axis: this.axis(axis, 'cumulativeSum'), reverse })
  }

  // Matrices.

  /**
   * Matrix product over the last two axes, batch axes broadcast: scale · op(A) @ op(B). The inner sizes must
   * agree: [.., m, k] @ [.., k, n] → [.., m, n].
   * @param options `exact`: never in half precision, even if a program's other products are.
   */
  matmul(
    other: Tensor,
    options: { transposeA?: boolean; transposeB?: boolean; scale?: number; exact?: boolean } = {},
  ): Tensor {
    const { transposeA = false, transposeB = false, scale = 1, exact = false } = options
    return apply('matmul', [this, other], { transposeA, transposeB, scale, exact })
  }

  /** op(A) @ op(B) + bias for matrices; `bias` is a row [n]. */
  gemm(other: Tensor, bias?: Tensor, options: { transposeA?: boolean; transposeB?: boolean } = {}): Tensor {
    const { transposeA = false, transposeB = false } = options
    return apply('gemm', bias ? [this, other, bias] : [this, other], { transposeA, transposeB })
  }

  // Convolutions.

  /**
   * Convolution, as torch's conv2d: [batch, in, height, width] with a weight [out, in, rows, columns] → [batch, out, height′,
   * width′], height′ = ⌊(height + 2·padding − dilation·(rows − 1) − 1)/stride⌋ + 1.
   * @param options Defaults: stride 1, padding 0, dilation 1. @throws ShapeError `shape/conv`.
   */
  conv(weight: Tensor, options: Partial<OpAttributes['conv']> = {}): Tensor {
    return apply('conv', [this, weight], { stride: 1, padding: 0, dilation: 1, ...options })
  }

  /** The transpose of the convolution that makes this of images of `size`: its gradient. @throws ShapeError `shape/convTranspose`. */
  convTranspose(weight: Tensor, options: OpAttributes['convTranspose']): Tensor {
    return apply('convTranspose', [this, weight], options)
  }

  /** Largest value of each window of `size` × `size`: torch's max_pool2d. @throws ShapeError `shape/maxPool`. */
  maxPool(size: number, { stride = size, padding = 0 } = {}): Tensor {
    return apply('maxPool', [this], { size, stride, padding })
  }

  // Integers that stand for numbers.

  /**
   * Codes of the numbers: x / scale + zeroPoint, rounded to the nearest (even on a tie) and limited to the range of the zero
   * point's type, uint8 or int8. Both are scalars.
   */
  quantize(scale: Tensor, zeroPoint: Tensor): Tensor {
    return apply('quantize', [this, scale, zeroPoint])
  }

  /**
   * The numbers of codes of uint8, int8 or int32: (x − zeroPoint)·scale, both scalars or rows along `axis`. ONNX Runtime turns
   * products of such numbers into products of their codes.
   * @param zeroPoint Default: zeros.
   */
  dequantize(scale: Tensor, zeroPoint?: Tensor, axis = 0): Tensor {
    const inputs = zeroPoint ? ([this, scale, zeroPoint] as const) : ([this, scale] as const)
    return apply('dequantize', inputs, { axis: this.rank === 0 ? 0 : this.axis(axis, 'dequantize') })
  }

  /**
   * Product with a matrix [inputs, columns] whose numbers are codes of 4 or 8 bits, `block` of a column after the other with a
   * scale of their own: [.., inputs] → [.., columns].
   * @param codes uint8 [columns, blocks, block·bits/8]; of 4 bits the first of two stands in the lower half of a byte.
   * @param scales [columns·blocks]. @param zeroPoints uint8 [columns·⌈blocks·bits/8⌉], packed as the codes; default 2^(bits − 1).
   */
  matmulBits(
    codes: Tensor,
    scales: Tensor,
    { bits, block }: OpAttributes['matmulBits'],
    zeroPoints?: Tensor,
  ): Tensor {
    const inputs = zeroPoints
      ? ([this, codes, scales, zeroPoints] as const)
      : ([this, codes, scales] as const)
    return apply('matmulBits', inputs, { bits, block })
  }

  // Normalization.

  softmax(axis = -1): Tensor {
    return apply('softmax', [this], { axis: this.axis(axis, 'softmax') })
  }

  logSoftmax(axis = -1): Tensor {
    return apply('logSoftmax', [this], { axis: this.axis(axis, 'logSoftmax') })
  }

  /** Layer normalization over the last axis (Ba et al. 2016): (x − mean)/√(variance + ε)·weight + bias. */
  layerNorm(weight: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
    return apply('layerNorm', [this, weight, bias], { epsilon })
  }

  // Indexing.

  /** Slices of `axis` chosen by integer `indices`, whose shape takes the axis's place. Embedding: axis 0. */
  gather(indices: Tensor, axis = 0): Tensor {
    return apply('gather', [this, indices], { axis: this.axis(axis, 'gather') })
  }

  /** One element of `axis` for every element of `indices` (torch.gather). */
  gatherElements(indices: Tensor, axis: number): Tensor {
    return apply('gatherElements', [this, indices], { axis: this.axis(axis, 'gatherElements') })
  }

  /** A copy with `updates` added at `indices` along `axis` (torch.scatter_add). */
  scatterElements(indices: Tensor, updates: Tensor, axis: number): Tensor {
    return apply('scatterElements', [this, indices, updates], { axis: this.axis(axis, 'scatterElements') })
  }

  // Layout.

  /** The same elements in another shape; one size may be −1. */
  reshape(shape: Shape): Tensor {
    return apply('reshape', [this], { shape })
  }

  /** The last two axes swapped, or all axes permuted: output axis i is input axis `permutation[i]`. */
  transpose(permutation?: readonly number[]): Tensor {
    const axes = permutation ?? swapLastTwo(this.rank)
    return apply('transpose', [this], { permutation: axes })
  }

  /** Repeat axes of size 1 (and new leading axes) up to `shape`. */
  expand(shape: Shape): Tensor {
    return sameShape(shape, this.shape) ? this : apply('expand', [this], { shape })
  }

  /**
   * Every `step`-th element of [start, end) of one axis. As in Python, negative positions count from the end, and
   * positions beyond it mean the end; except a symbolic size, which is smaller than its prime.
   */
  slice(axis: number, start: number, end: number, step = 1): Tensor {
    const at = this.axis(axis, 'slice')
    const size = this.shape[at]!
    const inside = (position: number) =>
      isSymbolic(position) ? position : Math.max(0, Math.min(position < 0 ? position + size : position, size))
    return apply('slice', [this], {
      starts: this.shape.map((_, i) => (i === at ? inside(start) : 0)),
      ends: this.shape.map((length, i) => (i === at ? inside(end) : length)),
      steps: this.shape.map((_, i) => (i === at ? step : 1)),
    })
  }

  /** Concatenate this tensor and the others along `axis`. */
  concat(others: readonly Tensor[], axis: number): Tensor {
    return others.length === 0
      ? this
      : apply('concat', [this, ...others], { axis: this.axis(axis, 'concat') })
  }

  /** Pieces of the given sizes along `axis`. */
  split(sizes: readonly number[], axis: number): Several {
    return applyNode('split', [this], { axis: this.axis(axis, 'split'), sizes }).outputs
  }

  /** Constant padding, `before` and `after` each axis. */
  pad(before: readonly number[], after: readonly number[], value = 0): Tensor {
    return apply('pad', [this], { before, after, value })
  }

  /** The rows that are kept; `PackedRows` says what `places` and `rows` are, and pads them again. */
  packRows(kept: Tensor, places: Tensor, rows: number): Tensor {
    return apply('packRows', [this, kept, places], { rows })
  }

  /** Packed rows at their places; what stands between them means nothing: see `PackedRows`. */
  padRows(places: Tensor, kept: Tensor): Tensor {
    return apply('padRows', [this, places, kept])
  }

  /** The sum over the axes along which `shape` was broadcast to this shape: the gradient of `expand`. */
  sumTo(shape: Shape): Tensor {
    if (sameShape(shape, this.shape)) return this
    const lead = this.rank - shape.length
    const axes = this.shape.map((_, axis) => axis)
    const stretched = axes.filter(
      (axis) => axis < lead || (shape[axis - lead] === 1 && this.shape[axis] !== 1),
    )
    return this.sum(stretched, { keep: true }).reshape(shape)
  }

  /** `axis` counted from the front. @throws ShapeError `shape/axis`. */
  axis(axis: number, operation: string): number {
    const positive = normalizeAxis(axis, this.rank)
    if (positive === undefined) {
      throw new ShapeError(
        'shape/axis',
        `${operation}: axis ${axis} does not exist in [${this.shape}]; use ${-this.rank} to ${this.rank - 1}`,
        { operation, axis, shape: this.shape },
      )
    }
    return positive
  }

  #operand(other: Tensor | number): Tensor {
    return typeof other === 'number' ? scalar(other, this.dtype) : other
  }

  #reduction(operation: string, axes: number | readonly number[] | undefined, options?: ReductionOptions) {
    const list = axes === undefined ? this.shape.map((_, axis) => axis) : [axes].flat()
    const positive = list.map((axis) => this.axis(axis, operation)).sort((a, b) => a - b)
    return { axes: positive, keepAxes: options?.keep ?? false }
  }
}

function swapLastTwo(rank: number): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis)
  return [...axes.slice(0, -2), rank - 1, rank - 2]
}

/** Apply an op and return its node: for ops with several outputs, and for passes over the graph. */
export function applyNode<Name extends OpName>(
  op: Name,
  inputs: OpInputs<Name>,
  attributes: OpAttributes[Name],
): Node<Name> {
  const row = ops[op] as unknown as OpRow<OpAttributes[Name], OpInputs<Name>>
  const inferred = row.infer(inputs, attributes)
  const types = 'shape' in inferred ? [inferred] : inferred
  const outputs: Tensor[] = []
  const node: Node<Name> = { op, inputs, attributes, outputs: outputs as unknown as Several }
  types.forEach((type, index) => {
    outputs.push(new Tensor(node as unknown as Node, index, type.shape, type.dtype))
  })
  return node
}

type Attributeless = { [Name in OpName]: keyof OpAttributes[Name] extends never ? Name : never }[OpName]

function apply<Name extends Attributeless>(op: Name, inputs: OpInputs<Name>): Tensor
function apply<Name extends OpName>(op: Name, inputs: OpInputs<Name>, attributes: OpAttributes[Name]): Tensor
function apply(op: OpName, inputs: readonly Tensor[], attributes: object = {}): Tensor {
  return applyNode(op, inputs, attributes as never).outputs[0]
}

/** A value that is fed when the program runs. Names are unique within one program. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Tensor {
  return apply('input', [], { name, shape, dtype })
}

/** A value known while building. */
export function constant(value: HostArray): Tensor {
  return apply('constant', [], { value })
}

/** A constant of one element. */
export function scalar(value: number, dtype: DType = 'float32'): Tensor {
  if (dtype === 'float32') return constant(float32([], [value]))
  if (dtype === 'int64') return constant(hostArray('int64', [], BigInt64Array.of(BigInt(value))))
  if (dtype === 'int32') return constant(hostArray('int32', [], Int32Array.of(value)))
  if (dtype === 'bool') return constant(hostArray('bool', [], Uint8Array.of(value ? 1 : 0)))
  return constant(float32([], [value])).cast(dtype)
}

/** Tensors one after the other along `axis`. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...others] = tensors
  if (!first) throw new ShapeError('shape/concat', 'concat: no tensors given', {})
  return first.concat(others, axis)
}
