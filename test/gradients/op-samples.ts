import fc from 'fast-check'
import type { OpName, Tensor } from '../../src/graph/index.ts'
import { concat, PackedRows } from '../../src/graph/index.ts'
import { applyNode } from '../../src/graph/tensor.ts'
import {
  awayFromZero,
  booleans,
  broadcastable,
  type Fill,
  indices,
  normal,
  positive,
  shapes,
  shapesWithAxis,
  sizes,
  spaced,
  streams,
} from './arbitraries.ts'
import type { Sample } from './check-gradient.ts'

type Samples = fc.Arbitrary<Sample>

const unary = (build: (x: Tensor) => Tensor, fill: Fill = normal): Samples =>
  fc
    .tuple(shapes(), streams)
    .map(([shape, stream]) => ({ inputs: [fill(shape, stream)], build: ([x]) => build(x!) }))

const binary = (
  build: (a: Tensor, b: Tensor) => Tensor,
  fills: readonly [Fill, Fill] = [normal, normal],
): Samples =>
  fc.tuple(broadcastable(2), streams).map(([operands, stream]) => ({
    inputs: fills.map((fill, i) => fill(operands[i]!, stream)),
    build: ([a, b]) => build(a!, b!),
  }))

/** One side on multiples of 1/4 where the other is spaced between them: no ties. */
const grid: Fill = (shape, stream) => {
  const { data, ...rest } = spaced(shape, stream)
  return { ...rest, data: data.map((value) => value - 1 / 8) }
}

const reduction = (name: 'sum' | 'mean' | 'max' | 'logSumExp', fill: Fill = normal): Samples =>
  shapes(0, 4).chain((shape) =>
    fc
      .tuple(fc.subarray(shape.map((_, axis) => axis)), fc.boolean(), fc.boolean(), streams)
      .map(([axes, negative, keep, stream]) => ({
        inputs: [fill(shape, stream)],
        build: ([x]) => x![name](negative ? axes.map((axis) => axis - shape.length) : axes, { keep }),
      })),
  )

const alongAxis = (build: (x: Tensor, axis: number) => Tensor, fill: Fill = normal): Samples =>
  fc.tuple(shapesWithAxis(), streams).map(([{ shape, axis }, stream]) => ({
    inputs: [fill(shape, stream)],
    build: ([x]) => build(x!, axis),
  }))

const product = fc.record({
  m: sizes,
  k: sizes,
  n: sizes,
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})
const sides = ({
  m,
  k,
  n,
  transposeA,
  transposeB,
}: typeof product extends fc.Arbitrary<infer P> ? P : never) => ({
  a: transposeA ? [k, m] : [m, k],
  b: transposeB ? [n, k] : [k, n],
})

const matmul: Samples = fc
  .tuple(product, broadcastable(2), fc.constantFrom(1, 0.25, -2), streams)
  .map(([sizes, [left, right], scale, stream]) => {
    const { transposeA, transposeB } = sizes
    const { a, b } = sides(sizes)
    return {
      inputs: [normal([...left!, ...a], stream), normal([...right!, ...b], stream)],
      build: ([a, b]) => a!.matmul(b!, { transposeA, transposeB, scale }),
    }
  })

const windows = fc.record({
  batch: fc.constantFrom(1, 2),
  channels: fc.constantFrom(1, 3),
  out: fc.constantFrom(1, 2),
  height: fc.constantFrom(5, 6, 8),
  width: fc.constantFrom(5, 7),
  kernel: fc.constantFrom(1, 2, 3),
  stride: fc.constantFrom(1, 2, 3),
  padding: fc.constantFrom(0, 1),
  dilation: fc.constantFrom(1, 2),
})

const conv: Samples = fc.tuple(windows, streams).map(([sizes, stream]) => {
  const { batch, channels, out, height, width, kernel, ...window } = sizes
  const inputs = [
    normal([batch, channels, height, width], stream),
    normal([out, channels, kernel, kernel], stream),
  ]
  return { inputs, build: ([x, weight]) => x!.conv(weight!, window) }
})

const convTranspose: Samples = fc.tuple(windows, streams).map(([sizes, stream]) => {
  const { batch, channels, out, height, width, kernel, ...window } = sizes
  const side = (length: number) =>
    Math.floor((length + 2 * window.padding - window.dilation * (kernel - 1) - 1) / window.stride) + 1
  const inputs = [
    normal([batch, out, side(height), side(width)], stream),
    normal([out, channels, kernel, kernel], stream),
  ]
  return { inputs, build: ([y, weight]) => y!.convTranspose(weight!, { ...window, size: [height, width] }) }
})

const maxPool: Samples = fc
  .tuple(windows, streams)
  .map(([{ batch, channels, height, width, kernel, stride, padding }, stream]) => ({
    inputs: [spaced([batch, channels, height, width], stream)],
    build: ([x]) => x!.maxPool(kernel, { stride, padding: kernel > 1 ? padding : 0 }),
  }))

const gemm: Samples = fc.tuple(product, fc.boolean(), streams).map(([sizes, biased, stream]) => {
  const { transposeA, transposeB, n } = sizes
  const { a, b } = sides(sizes)
  return {
    inputs: [normal(a, stream), normal(b, stream), ...(biased ? [normal([n], stream)] : [])],
    build: ([a, b, bias]) => a!.gemm(b!, bias, { transposeA, transposeB }),
  }
})

const layerNorm: Samples = fc
  .tuple(shapes(0, 2), fc.integer({ min: 3, max: 8 }), fc.constantFrom(1e-5, 0.1), streams)
  .map(([lead, width, epsilon, stream]) => ({
    // Spaced: the variance of a row cannot vanish.
    inputs: [spaced([...lead, width], stream), normal([width], stream), normal([width], stream)],
    build: ([x, weight, bias]) => x!.layerNorm(weight!, bias!, epsilon),
  }))

const gather: Samples = fc
  .tuple(shapesWithAxis(), shapes(0, 2), streams)
  .map(([{ shape, axis }, at, stream]) => ({
    inputs: [normal(shape, stream), indices(at, shape.at(axis)!, stream)],
    build: ([x, where]) => x!.gather(where!, axis),
  }))

const resized = (shape: readonly number[], axis: number, size: number) =>
  shape.map((length, i) => (i === (axis + shape.length) % shape.length ? size : length))

const gatherElements: Samples = fc
  .tuple(shapesWithAxis(), sizes, streams)
  .map(([{ shape, axis }, count, stream]) => ({
    inputs: [normal(shape, stream), indices(resized(shape, axis, count), shape.at(axis)!, stream)],
    build: ([x, where]) => x!.gatherElements(where!, axis),
  }))

const scatterElements: Samples = fc
  .tuple(shapesWithAxis(), sizes, streams)
  .map(([{ shape, axis }, count, stream]) => {
    const updates = resized(shape, axis, count)
    return {
      inputs: [normal(shape, stream), indices(updates, shape.at(axis)!, stream), normal(updates, stream)],
      build: ([x, where, updates]) => x!.scatterElements(where!, updates!, axis),
    }
  })

/** Packed rows have no fixed shape: they are padded again. */
const packed = (build: (packing: PackedRows, x: Tensor) => Tensor): Samples =>
  fc.tuple(shapes(3, 3), streams).map(([shape, stream]) => {
    const kept = booleans(shape.slice(0, 2), stream)
    kept.data[0] = 1
    return {
      inputs: [normal(shape, stream), kept],
      build: ([x, kept]) => build(new PackedRows(kept!), x!),
    }
  })

const permuted = (build: (x: Tensor, axes: readonly number[]) => Tensor): Samples =>
  shapes(0, 4).chain((shape) => {
    const axes = shape.map((_, axis) => axis)
    const order = fc.shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length })
    return fc.tuple(order, streams).map(([permutation, stream]) => ({
      inputs: [normal(shape, stream)],
      build: ([x]) => build(x!, permutation),
    }))
  })

const expand: Samples = fc.tuple(shapes(0, 2), broadcastable(1), streams).map(([lead, [narrow], stream]) => ({
  inputs: [normal(narrow!, stream)],
  build: ([x]) => x!.expand([...lead, ...narrow!.map((size) => (size === 1 ? 3 : size))]),
}))

const slice: Samples = fc
  .tuple(shapesWithAxis(), fc.nat(), fc.nat(), fc.integer({ min: 1, max: 3 }), fc.boolean(), streams)
  .map(([{ shape, axis }, a, b, step, negative, stream]) => {
    const size = shape.at(axis)!
    const start = a % size
    const end = start + 1 + (b % (size - start))
    return {
      inputs: [normal(shape, stream)],
      build: ([x]) => (negative ? x!.slice(axis, start - size, end, step) : x!.slice(axis, start, end, step)),
    }
  })

const concatenation: Samples = fc
  .tuple(shapesWithAxis(), fc.array(sizes, { minLength: 1, maxLength: 3 }), streams)
  .map(([{ shape, axis }, lengths, stream]) => ({
    inputs: lengths.map((length) => normal(resized(shape, axis, length), stream)),
    build: (parts) => concat(parts, axis),
  }))

const split: Samples = fc
  .tuple(shapesWithAxis(), fc.array(sizes, { minLength: 1, maxLength: 3 }), fc.boolean(), streams)
  .map(([{ shape, axis }, lengths, all, stream]) => {
    const length = lengths.reduce((sum, size) => sum + size, 0)
    return {
      inputs: [normal(resized(shape, axis, length), stream)],
      // With the first piece alone, no gradient flows in at the others.
      build: ([x]) => (all ? x!.split(lengths, axis) : x!.split(lengths, axis)[0]!),
    }
  })

const pad: Samples = shapes(1, 3).chain((shape) => {
  const amounts = fc.array(fc.nat(2), { minLength: shape.length, maxLength: shape.length })
  return fc
    .tuple(amounts, amounts, fc.constantFrom(0, -1.5), streams)
    .map(([before, after, value, stream]) => ({
      inputs: [normal(shape, stream)],
      build: ([x]) => x!.pad(before, after, value),
    }))
})

const where: Samples = fc.tuple(broadcastable(3), streams).map(([[condition, a, b], stream]) => ({
  inputs: [booleans(condition!, stream), normal(a!, stream), normal(b!, stream)],
  build: ([condition, a, b]) => condition!.where(a!, b!),
}))

/** A way to draw samples for every op that has a gradient rule; casts are tested apart, in halves. */
export const opSamples = {
  add: binary((a, b) => a.add(b)),
  sub: binary((a, b) => a.sub(b)),
  mul: binary((a, b) => a.mul(b)),
  div: binary((a, b) => a.div(b), [normal, awayFromZero]),
  maximum: binary((a, b) => a.maximum(b), [spaced, grid]),
  minimum: binary((a, b) => a.minimum(b), [spaced, grid]),
  neg: unary((x) => x.neg()),
  abs: unary((x) => x.abs(), spaced),
  exp: unary((x) => x.exp()),
  log: unary((x) => x.log(), positive),
  sqrt: unary((x) => x.sqrt(), positive),
  reciprocal: unary((x) => x.reciprocal(), awayFromZero),
  erf: unary((x) => x.erf()),
  sin: unary((x) => x.sin()),
  cos: unary((x) => x.cos()),
  tanh: unary((x) => x.tanh()),
  sigmoid: unary((x) => x.sigmoid()),
  softplus: unary((x) => x.softplus()),
  relu: unary((x) => x.relu(), spaced),
  gelu: fc
    .constantFrom('none' as const, 'tanh' as const, 'quick' as const)
    .chain((form) => unary((x) => x.gelu(form))),
  clamp: unary((x) => x.clamp(-1, 1.5), spaced),
  where,
  sum: reduction('sum'),
  mean: reduction('mean'),
  max: reduction('max', spaced),
  logSumExp: reduction('logSumExp'),
  cumulativeSum: fc.boolean().chain((reverse) => alongAxis((x, axis) => x.cumulativeSum(axis, { reverse }))),
  matmul,
  gemm,
  conv,
  convTranspose,
  maxPool,
  softmax: alongAxis((x, axis) => x.softmax(axis)),
  logSoftmax: alongAxis((x, axis) => x.logSoftmax(axis)),
  layerNorm,
  gather,
  gatherElements,
  scatterElements,
  reshape: permuted((x, axes) => x.reshape([...axes.map((axis) => x.shape[axis]!), -1])),
  reshapeTo: permuted((x, axes) => {
    const target = axes.map((axis) => x.shape[axis]!)
    const shape = x.scalar(0).cast('int64').expand([x.rank])
    const sizes = target.map((size, i) => shape.slice(0, i, i + 1).add(size))
    return x.rank === 0 ? x : applyNode('reshapeTo', [x, concat(sizes, 0)], { shape: target }).outputs[0]!
  }),
  transpose: permuted((x, axes) => x.transpose(axes)),
  expand,
  slice,
  concat: concatenation,
  split,
  pad,
  packRows: packed((packing, x) => packing.pad(packing.pack(x).sin())),
  padRows: packed((packing, x) => packing.pad(packing.pack(x)).exp()),
} satisfies { readonly [Name in OpName]?: Samples }
