import { float32, int64, sizeOf } from '../../core/index.ts'
import type { OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

const int64s = (values: readonly number[]) => int64([values.length], values)

type Layout = 'reshape' | 'reshapeTo' | 'transpose' | 'expand' | 'slice' | 'concat' | 'split' | 'pad'

export const layout: Pick<OpTable, Layout> = {
  reshape: {
    infer: (inputs, { shape }) => {
      const x = inputs[0]
      const known = sizeOf(shape.filter((size) => size !== -1))
      const free = shape.filter((size) => size === -1).length
      const resolved = shape.map((size) => (size === -1 ? x.size / known : size))
      if (
        free > 1 ||
        sizeOf(resolved) !== x.size ||
        resolved.some((size) => !Number.isInteger(size) || size < 0)
      ) {
        throw misfit('reshape', inputs, `[${shape}] does not hold ${x.size} elements; one size may be -1`)
      }
      return { shape: resolved, dtype: x.dtype }
    },
    gradient: ({ inputs, dy }) => [dy.reshape(inputs[0].shape)],
    // Without allowzero, a size of 0 would mean: as in the input.
    onnx: ({ outputs }) => ({
      op: 'Reshape',
      attributes: { allowzero: outputs[0].shape.includes(0) ? 1 : 0 },
      constants: [int64s(outputs[0].shape)],
    }),
  },

  /** A reshape whose target is a tensor: an identity that waits for that tensor (see checkpoint.ts). */
  reshapeTo: {
    infer: ([x], { shape }) => ({ shape, dtype: x.dtype }),
    gradient: ({ inputs, dy }) => [dy.reshape(inputs[0].shape), undefined],
    onnx: () => ({ op: 'Reshape' }),
  },

  transpose: {
    infer: (inputs, { permutation }) => {
      const x = inputs[0]
      const sorted = [...permutation].sort((a, b) => a - b)
      if (permutation.length !== x.rank || sorted.some((axis, i) => axis !== i)) {
        throw misfit('transpose', inputs, `[${permutation}] must name each of the ${x.rank} axes once`)
      }
      return { shape: permutation.map((axis) => x.shape[axis]!), dtype: x.dtype }
    },
    gradient: ({ dy, permutation }) => [
      dy.transpose(permutation.map((_, axis) => permutation.indexOf(axis))),
    ],
    onnx: ({ permutation }) => ({ op: 'Transpose', attributes: { perm: permutation } }),
  },

  expand: {
    infer: (inputs, { shape }) => {
      const x = inputs[0]
      const lead = shape.length - x.rank
      if (lead < 0 || x.shape.some((size, axis) => size !== 1 && size !== shape[axis + lead])) {
        throw misfit('expand', inputs, `only axes of size 1 stretch to [${shape}]`)
      }
      return { shape, dtype: x.dtype }
    },
    gradient: ({ inputs, dy }) => [dy.sumTo(inputs[0].shape)],
    onnx: ({ shape }) => ({ op: 'Expand', constants: [int64s(shape)] }),
  },

  slice: {
    infer: (inputs, { starts, ends, steps }) => {
      const x = inputs[0]
      const shape = x.shape.map((_, i) => Math.ceil((ends[i]! - starts[i]!) / steps[i]!))
      // An axis without elements stays as it is.
      if (shape.some((size, i) => size <= 0 && x.shape[i] !== 0) || steps.some((step) => step < 1)) {
        throw misfit(
          'slice',
          inputs,
          `from [${starts}] to [${ends}] by [${steps}] leaves nothing; starts must lie before ends`,
        )
      }
      return { shape, dtype: x.dtype }
    },
    gradient: ({ inputs, dy, starts, steps }) => [unslice(dy, inputs[0], starts, steps)],
    onnx: ({ starts, ends, steps }) => ({
      op: 'Slice',
      constants: [int64s(starts), int64s(ends), int64s(starts.map((_, axis) => axis)), int64s(steps)],
    }),
  },

  concat: {
    infer: (inputs, { axis }) => {
      const first = inputs[0]
      const fits = inputs.every(
        (tensor) =>
          tensor.dtype === first.dtype &&
          tensor.rank === first.rank &&
          tensor.shape.every((size, i) => i === axis || size === first.shape[i]),
      )
      if (!fits) throw misfit('concat', inputs, `all sizes but axis ${axis}, and the dtypes, must agree`)
      const total = inputs.reduce((sum, tensor) => sum + tensor.shape[axis]!, 0)
      return { shape: first.shape.map((size, i) => (i === axis ? total : size)), dtype: first.dtype }
    },
    gradient: ({ inputs, dy, axis }) =>
      dy.split(
        inputs.map((tensor) => tensor.shape[axis]!),
        axis,
      ),
    onnx: ({ axis }) => ({ op: 'Concat', attributes: { axis } }),
  },

  split: {
    infer: (inputs, { axis, sizes }) => {
      const x = inputs[0]
      if (sizes.reduce((sum, size) => sum + size, 0) !== x.shape[axis]) {
        throw misfit('split', inputs, `the sizes [${sizes}] must add up to ${x.shape[axis]}`)
      }
      return sizes.map((size) => ({
        shape: x.shape.map((length, i) => (i === axis ? size : length)),
        dtype: x.dtype,
      }))
    },
    gradient: ({ outputs, dys, axis }) => {
      const parts = outputs.map((output, i) => dys[i] ?? output.scalar(0).expand(output.shape))
      return [parts[0]!.concat(parts.slice(1), axis)]
    },
    onnx: ({ axis, sizes }) => ({ op: 'Split', attributes: { axis }, constants: [int64s(sizes)] }),
  },

  pad: {
    infer: (inputs, { before, after, value }) => {
      const x = inputs[0]
      if (value !== 0 && x.dtype !== 'float32') {
        throw misfit('pad', inputs, `only float32 is padded with ${value}; pad with 0, or cast before`)
      }
      if (before.length !== x.rank || after.length !== x.rank || [...before, ...after].some((n) => n < 0)) {
        throw misfit(
          'pad',
          inputs,
          `before [${before}] and after [${after}] need one size of 0 or more for each axis`,
        )
      }
      return { shape: x.shape.map((size, i) => size + before[i]! + after[i]!), dtype: x.dtype }
    },
    gradient: ({ inputs, dy, before }) => {
      const x = inputs[0]
      if (x.size === 0) return [x] // there is nothing whose gradient it could be
      let inner = dy
      x.shape.forEach((size, axis) => {
        if (size !== dy.shape[axis]) inner = inner.slice(axis, before[axis]!, before[axis]! + size)
      })
      return [inner]
    },
    onnx: ({ before, after, value }) => ({
      op: 'Pad',
      constants: [int64s([...before, ...after]), value === 0 ? undefined : float32([], [value])],
    }),
  },
}

/** dy spread out to the shape of `x`: zeros between strided elements, then padding. */
function unslice(dy: Tensor, x: Tensor, starts: readonly number[], steps: readonly number[]): Tensor {
  if (x.size === 0) return x
  let spread = dy
  steps.forEach((step, axis) => {
    if (step === 1) return
    const shape = spread.shape
    const size = shape[axis]!
    const widened = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]
    const gaps = widened.map((_, i) => (i === axis + 1 ? step - 1 : 0))
    const dilated = spread.reshape(widened).pad(
      gaps.map(() => 0),
      gaps,
    )
    spread = dilated
      .reshape(shape.map((length, i) => (i === axis ? size * step : length)))
      .slice(axis, 0, (size - 1) * step + 1)
  })
  const after = x.shape.map((size, i) => size - starts[i]! - spread.shape[i]!)
  return spread.pad(starts, after)
}
