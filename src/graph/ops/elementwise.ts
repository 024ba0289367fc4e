import { broadcastShapes } from '../../core/index.ts'
import type { One, OpRow, OpTable, OutputType, Two } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { geluGradient } from './gelu-gradient.ts'
import { type CheckedOperation, misfit } from './misfit.ts'

type None = Record<never, never>

/** Shape of broadcasting arithmetic on two tensors of one dtype. */
function broadcast(operation: CheckedOperation, inputs: Two): OutputType {
  const [a, b] = inputs
  if (a.dtype !== b.dtype) throw misfit(operation, inputs, `cast one side: .cast('${a.dtype}')`)
  const shape = broadcastShapes(a.shape, b.shape)
  if (!shape) {
    throw misfit(
      operation,
      inputs,
      'sizes must agree or be 1, counted from the last axis; reshape or transpose one side',
    )
  }
  return { shape, dtype: a.dtype }
}

function boolean<Inputs extends readonly Tensor[]>(operation: CheckedOperation, inputs: Inputs): Inputs {
  if (inputs.every(({ dtype }) => dtype === 'bool')) return inputs
  throw misfit(operation, inputs, 'it takes booleans, e.g. x.greater(0)')
}

const arithmetic = (
  name: CheckedOperation,
  onnx: string,
  scalar: (a: number, b: number) => number,
  gradient: (context: { a: Tensor; b: Tensor; y: Tensor; dy: Tensor }) => [Tensor, Tensor],
): OpRow<None, Two> => ({
  infer: (inputs) => broadcast(name, inputs),
  gradient: ({ inputs, y, dy }) => {
    const [a, b] = inputs
    const [da, db] = gradient({ a, b, y, dy })
    return [da.sumTo(a.shape), db.sumTo(b.shape)]
  },
  onnx: () => ({ op: onnx }),
  scalar: (_, a, b) => scalar(a, b),
})

const comparison = (
  name: CheckedOperation,
  onnx: string,
  scalar: (a: number, b: number) => boolean,
): OpRow<None, Two> => ({
  infer: (inputs) => ({ shape: broadcast(name, inputs).shape, dtype: 'bool' }),
  gradient: 'none',
  onnx: () => ({ op: onnx }),
  scalar: (_, a, b) => (scalar(a, b) ? 1 : 0),
})

const unary = (
  onnx: string,
  scalar: ((x: number) => number) | undefined,
  gradient: (context: { x: Tensor; y: Tensor; dy: Tensor }) => Tensor,
): OpRow<None, One> => ({
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  gradient: ({ inputs, y, dy }) => [gradient({ x: inputs[0], y, dy })],
  onnx: () => ({ op: onnx }),
  ...(scalar && { scalar: (_: None, x: number) => scalar(x) }),
})

type Elementwise =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'maximum'
  | 'minimum'
  | 'neg'
  | 'abs'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'reciprocal'
  | 'erf'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'relu'
  | 'gelu'
  | 'clamp'
  | 'equal'
  | 'less'
  | 'lessOrEqual'
  | 'not'
  | 'and'
  | 'where'
  | 'cast'
  | 'detach'

/** Gradient of one side of `maximum` or `minimum`. Equal sides take half each, as in PyTorch. */
const share = (chosen: Tensor, tied: Tensor, dy: Tensor): Tensor =>
  tied.where(dy.mul(0.5), chosen.where(dy, 0))

export const elementwise: Pick<OpTable, Elementwise> = {
  add: arithmetic(
    'add',
    'Add',
    (a, b) => a + b,
    ({ dy }) => [dy, dy],
  ),
  sub: arithmetic(
    'sub',
    'Sub',
    (a, b) => a - b,
    ({ dy }) => [dy, dy.neg()],
  ),
  mul: arithmetic(
    'mul',
    'Mul',
    (a, b) => a * b,
    ({ a, b, dy }) => [dy.mul(b), dy.mul(a)],
  ),
  div: arithmetic(
    'div',
    'Div',
    (a, b) => a / b,
    ({ b, y, dy }) => [dy.div(b), dy.mul(y).div(b).neg()],
  ),
  maximum: arithmetic('maximum', 'Max', Math.max, ({ a, b, dy }) => [
    share(a.greater(b), a.equal(b), dy),
    share(b.greater(a), a.equal(b), dy),
  ]),
  minimum: arithmetic('minimum', 'Min', Math.min, ({ a, b, dy }) => [
    share(a.less(b), a.equal(b), dy),
    share(b.less(a), a.equal(b), dy),
  ]),

  neg: unary(
    'Neg',
    (x) => -x,
    ({ dy }) => dy.neg(),
  ),
  abs: unary('Abs', Math.abs, ({ x, dy }) => x.greater(0).where(dy, x.less(0).where(dy.neg(), 0))),
  exp: unary('Exp', Math.exp, ({ y, dy }) => dy.mul(y)),
  log: unary('Log', Math.log, ({ x, dy }) => dy.div(x)),
  sqrt: unary('Sqrt', Math.sqrt, ({ y, dy }) => dy.mul(0.5).div(y)),
  reciprocal: unary(
    'Reciprocal',
    (x) => 1 / x,
    ({ y, dy }) => dy.mul(y).mul(y).neg(),
  ),
  erf: unary('Erf', undefined, ({ x, dy }) => dy.mul(x.square().neg().exp()).mul(2 / Math.sqrt(Math.PI))),
  sin: unary('Sin', Math.sin, ({ x, dy }) => dy.mul(x.cos())),
  cos: unary('Cos', Math.cos, ({ x, dy }) => dy.mul(x.sin()).neg()),
  tanh: unary('Tanh', Math.tanh, ({ y, dy }) => dy.sub(dy.mul(y).mul(y))),
  sigmoid: unary(
    'Sigmoid',
    (x) => 1 / (1 + Math.exp(-x)),
    ({ y, dy }) => dy.mul(y).mul(y.scalar(1).sub(y)),
  ),
  // σ(x) = exp(x − softplus(x)) keeps its relative precision where ONNX Runtime's Sigmoid has an absolute one.
  softplus: unary(
    'Softplus',
    (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    ({ x, y, dy }) => dy.mul(x.sub(y).exp()),
  ),
  relu: unary(
    'Relu',
    (x) => Math.max(x, 0),
    ({ y, dy }) => y.greater(0).where(dy, 0),
  ),

  gelu: {
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    gradient: ({ inputs, y, dy, approximation }) => [geluGradient(inputs[0], y, dy, approximation)],
    onnx: ({ approximation }) => {
      if (approximation === 'quick') {
        return { op: 'QuickGelu', domain: 'com.microsoft', attributes: { alpha: { float: 1.702 } } }
      }
      return { op: 'Gelu', attributes: { approximate: approximation } }
    },
  },

  clamp: {
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    gradient: ({ inputs: [x], dy, min, max }) => {
      return [x.greaterOrEqual(min).and(x.lessOrEqual(max)).where(dy, 0), undefined, undefined]
    },
    onnx: () => ({ op: 'Clip' }),
    scalar: ({ min, max }, x) => Math.min(Math.max(x, min), max),
  },

  equal: comparison('equal', 'Equal', (a, b) => a === b),
  less: comparison('less', 'Less', (a, b) => a < b),
  lessOrEqual: comparison('lessOrEqual', 'LessOrEqual', (a, b) => a <= b),
  not: {
    infer: (inputs) => ({ shape: boolean('not', inputs)[0].shape, dtype: 'bool' }),
    gradient: 'none',
    onnx: () => ({ op: 'Not' }),
    scalar: (_, x) => (x ? 0 : 1),
  },
  and: {
    ...comparison('and', 'And', (a, b) => a !== 0 && b !== 0),
    infer: (inputs) => broadcast('and', boolean('and', inputs)),
  },

  where: {
    infer: (inputs) => {
      const [condition, a, b] = inputs
      if (condition.dtype !== 'bool')
        throw misfit('where', inputs, 'the condition must be boolean, e.g. x.greater(0)')
      const shape = broadcastShapes(condition.shape, broadcast('where', [a, b]).shape)
      if (!shape) throw misfit('where', inputs, 'the condition must broadcast against both branches')
      return { shape, dtype: a.dtype }
    },
    gradient: ({ inputs, dy }) => {
      const [condition, a, b] = inputs
      return [
        undefined,
        condition.where(dy, 0).sumTo(a.shape),
        condition.where(dy.scalar(0), dy).sumTo(b.shape),
      ]
    },
    onnx: () => ({ op: 'Where' }),
    scalar: (_, condition, a, b) => (condition ? a : b),
  },

  cast: {
    infer: ([x], { to }) => ({ shape: x.shape, dtype: to }),
    gradient: ({ inputs, dy, to }) => {
      const from = inputs[0].dtype
      const differentiable = from.startsWith('float') && to.startsWith('float')
      return [differentiable ? dy.cast(from) : undefined]
    },
    onnx: ({ to }) => ({ op: 'Cast', attributes: { to: onnxType[to] } }),
  },

  detach: {
    infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
    gradient: 'none',
    onnx: () => ({ op: 'Identity' }),
    scalar: (_, x) => x,
  },
}

/** Element types of onnx.TensorProto.DataType. */
export const onnxType = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const
