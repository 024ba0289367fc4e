import {
  concat,
  dropout,
  embedPatches,
  l2Normalize,
  type OpAttributes,
  scatterAdd,
  type Tensor,
} from '../../src/graph/index.ts'
import { binaryCrossEntropyWithLogits, crossEntropy, crossEntropySoft } from '../../src/losses/index.ts'

type Build<A> = (inputs: readonly Tensor[], attributes: A) => Tensor | readonly Tensor[]

/** Attributes of the golden files' composite operations, which the op table does not have. */
interface CompositeAttributes {
  square: object
  scatterAdd: object
  l2Normalize: { axis: number; epsilon: number }
  logSigmoid: object
  crossEntropy: { labelSmoothing: number; ignoreIndex?: number }
  binaryCrossEntropyWithLogits: object
  patchEmbedding: { stride: number }
  dropout: { rate: number }
}

type Attributes = OpAttributes & CompositeAttributes
type Builders = { readonly [Name in keyof Attributes]?: Build<Attributes[Name]> }

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'maximum' | 'minimum' | 'equal' | 'less' | 'lessOrEqual' | 'and'
const binary =
  (name: Binary): Build<object> =>
  ([a, b]) =>
    a![name](b!)

type Unary =
  | 'neg'
  | 'abs'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'square'
  | 'reciprocal'
  | 'erf'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'logSigmoid'
  | 'relu'
  | 'not'
const unary =
  (name: Unary): Build<object> =>
  ([x]) =>
    x![name]()

const reduce =
  (name: 'sum' | 'mean' | 'max' | 'logSumExp'): Build<OpAttributes['sum']> =>
  ([x], { axes, keepAxes }) =>
    x![name](axes, { keep: keepAxes })

/** Each operation of the golden files as a user of the library writes it. */
const builders: Builders = {
  add: binary('add'),
  sub: binary('sub'),
  mul: binary('mul'),
  div: binary('div'),
  maximum: binary('maximum'),
  minimum: binary('minimum'),
  equal: binary('equal'),
  less: binary('less'),
  lessOrEqual: binary('lessOrEqual'),
  and: binary('and'),
  not: unary('not'),
  // Halves are bits in host memory: what was rounded to them comes back as float32.
  cast: ([x], { to }) => (to === 'float16' ? x!.cast(to).cast('float32') : x!.cast(to)),
  neg: unary('neg'),
  abs: unary('abs'),
  exp: unary('exp'),
  log: unary('log'),
  sqrt: unary('sqrt'),
  square: unary('square'),
  reciprocal: unary('reciprocal'),
  erf: unary('erf'),
  sin: unary('sin'),
  cos: unary('cos'),
  tanh: unary('tanh'),
  sigmoid: unary('sigmoid'),
  softplus: unary('softplus'),
  logSigmoid: unary('logSigmoid'),
  relu: unary('relu'),
  gelu: ([x], { approximation }) => x!.gelu(approximation),
  clamp: ([x], { min, max }) => x!.clamp(min, max),
  where: ([condition, a, b]) => condition!.where(a!, b!),
  sum: reduce('sum'),
  mean: reduce('mean'),
  max: reduce('max'),
  logSumExp: reduce('logSumExp'),
  argMax: ([x], { axis }) => x!.argMax(axis),
  cumulativeSum: ([x], { axis, reverse }) => x!.cumulativeSum(axis, { reverse }),
  matmul: ([a, b], attributes) => a!.matmul(b!, attributes),
  gemm: ([a, b, bias], attributes) => a!.gemm(b!, bias, attributes),
  softmax: ([x], { axis }) => x!.softmax(axis),
  logSoftmax: ([x], { axis }) => x!.logSoftmax(axis),
  layerNorm: ([x, weight, bias], { epsilon }) => x!.layerNorm(weight!, bias!, epsilon),
  gather: ([x, indices], { axis }) => x!.gather(indices!, axis),
  gatherElements: ([x, indices], { axis }) => x!.gatherElements(indices!, axis),
  scatterElements: ([x, indices, updates], { axis }) => x!.scatterElements(indices!, updates!, axis),
  reshape: ([x], { shape }) => x!.reshape(shape),
  transpose: ([x], { permutation }) => x!.transpose(permutation),
  expand: ([x], { shape }) => x!.expand(shape),
  slice: ([x], { starts, ends, steps }) =>
    starts.reduce((rest, start, axis) => rest.slice(axis, start, ends[axis]!, steps[axis]!), x!),
  concat: (inputs, { axis }) => concat(inputs, axis),
  split: ([x], { sizes, axis }) => x!.split(sizes, axis),
  pad: ([x], { before, after, value }) => x!.pad(before, after, value),
  scatterAdd: ([x, indices, updates]) => {
    const [size, ...row] = x!.shape
    const rows = updates!.reshape([indices!.size, ...row])
    return x!.add(scatterAdd(size!, indices!.reshape([indices!.size]), rows))
  },
  l2Normalize: ([x], { axis, epsilon }) => l2Normalize(x!, axis, epsilon),
  crossEntropy: ([logits, targets], { labelSmoothing, ignoreIndex = -100 }) =>
    targets!.dtype === 'int64'
      ? crossEntropy(logits!, targets!, { labelSmoothing, ignoreIndex })
      : crossEntropySoft(logits!, targets!, { labelSmoothing }),
  binaryCrossEntropyWithLogits: ([logits, targets]) => binaryCrossEntropyWithLogits(logits!, targets!),
  dropout: ([x, mask], { rate }) => dropout(x!, rate, mask!),
  patchEmbedding: ([images, weight, bias]) => embedPatches(images!, weight!, bias),
}

/** The outputs of the operation `op`; undefined when it is not known here. */
export function buildOperation(
  op: string,
  inputs: readonly Tensor[],
  attributes: unknown,
): readonly Tensor[] | undefined {
  const build = builders[op as keyof Builders] as Build<unknown> | undefined
  return build && [build(inputs, attributes)].flat()
}
