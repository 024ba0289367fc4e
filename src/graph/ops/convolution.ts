import type { Shape } from '../../core/index.ts'
import type { OpAttributes, OpTable } from '../op-table.ts'
import type { Tensor } from '../tensor.ts'
import { misfit } from './misfit.ts'

type Window = OpAttributes['conv']

/** Length of an axis after a window of `size` elements, `dilation` apart, has gone over it. */
const windows = (length: number, size: number, { stride, padding, dilation }: Window): number =>
  Math.floor((length + 2 * padding - dilation * (size - 1) - 1) / stride) + 1

const attributesOf = ({ stride, padding, dilation }: Window) => ({
  strides: [stride, stride],
  pads: [padding, padding, padding, padding],
  dilations: [dilation, dilation],
})

export const convolution: Pick<OpTable, 'conv' | 'convTranspose' | 'maxPool'> = {
  conv: {
    infer: (inputs, window) => {
      const [x, weight] = inputs
      const [batch, channels, height, width] = fourAxes('conv', inputs, x)
      const [out, inner, rows, columns] = fourAxes('conv', inputs, weight)
      if (inner !== channels)
        throw misfit('conv', inputs, `the weight must be [out, ${channels}, rows, columns]`)
      const sides = [windows(height, rows, window), windows(width, columns, window)] as const
      if (sides.some((side) => side < 1)) throw misfit('conv', inputs, 'the kernel is larger than the image')
      return { shape: [batch, out, ...sides], dtype: x.dtype }
    },
    gradient: ({ inputs, dy, wanted, stride, padding, dilation }) => {
      const [x, weight] = inputs
      const window = { stride, padding, dilation }
      return [
        wanted[0] ? dy.convTranspose(weight, { ...window, size: x.shape.slice(2) }) : undefined,
        wanted[1] ? weightGradient(x, dy, weight.shape, window) : undefined,
      ]
    },
    onnx: (window) => ({ op: 'Conv', attributes: attributesOf(window) }),
  },

  /** The gradient of `conv` with respect to its images: a linear map, the transpose of the convolution. */
  convTranspose: {
    infer: (inputs, { size, ...window }) => {
      const [y, weight] = inputs
      const [batch, out, height, width] = fourAxes('convTranspose', inputs, y)
      const [inner, channels, rows, columns] = fourAxes('convTranspose', inputs, weight)
      const fits =
        inner === out &&
        windows(size[0]!, rows, window) === height &&
        windows(size[1]!, columns, window) === width
      if (!fits) throw misfit('convTranspose', inputs, `no convolution of images of [${size}] gives these`)
      return { shape: [batch, channels, ...size], dtype: y.dtype }
    },
    gradient: ({ inputs, dy, wanted, stride, padding, dilation }) => {
      const [y, weight] = inputs
      const window = { stride, padding, dilation }
      return [
        wanted[0] ? dy.conv(weight, window) : undefined,
        wanted[1] ? weightGradient(dy, y, weight.shape, window) : undefined,
      ]
    },
    onnx: ({ inputs: [y, weight], size, stride, padding, dilation }) => ({
      op: 'ConvTranspose',
      attributes: {
        ...attributesOf({ stride, padding, dilation }),
        // What the strides of the convolution passed over at the end.
        output_padding: [2, 3].map(
          (axis) =>
            size[axis - 2]! -
            ((y.shape[axis]! - 1) * stride - 2 * padding + dilation * (weight.shape[axis]! - 1) + 1),
        ),
      },
    }),
  },

  /** Outputs: the largest values, and for the backward pass their places among all elements. */
  maxPool: {
    infer: (inputs, { size, stride, padding }) => {
      const [x] = inputs
      const [batch, channels, height, width] = fourAxes('maxPool', inputs, x)
      const window = { stride, padding, dilation: 1 }
      const shape = [batch, channels, windows(height, size, window), windows(width, size, window)]
      if (2 * padding > size || shape.some((length) => length < 1))
        throw misfit('maxPool', inputs, 'the window is larger than the image, or half of it is padding')
      return [
        { shape, dtype: x.dtype },
        { shape, dtype: 'int64' },
      ]
    },
    gradient: ({ inputs: [x], outputs, dy }) => {
      const zeros = x.scalar(0).expand([x.size])
      const places = outputs[1]!.reshape([-1])
      return [zeros.scatterElements(places, dy.reshape([-1]), 0).reshape(x.shape)]
    },
    onnx: ({ size, stride, padding }) => ({
      op: 'MaxPool',
      attributes: {
        kernel_shape: [size, size],
        strides: [stride, stride],
        pads: [padding, padding, padding, padding],
      },
    }),
  },
}

function fourAxes(op: 'conv' | 'convTranspose' | 'maxPool', inputs: readonly Tensor[], { shape }: Tensor) {
  if (shape.length === 4) return shape as unknown as readonly [number, number, number, number]
  throw misfit(op, inputs, 'it takes images [batch, channels, height, width] and kernels of four axes')
}

/**
 * dW[o, c] = Σ over the batch of x[·, c] correlated with dy[·, o]: a convolution in which batch and channels have changed
 * places, dy is the kernel, and stride and dilation have, too.
 */
function weightGradient(x: Tensor, dy: Tensor, shape: Shape, { stride, padding, dilation }: Window): Tensor {
  const swapped = { stride: dilation, padding, dilation: stride }
  const sums = x.transpose([1, 0, 2, 3]).conv(dy.transpose([1, 0, 2, 3]), swapped) // [in, out, rows or more, …]
  return sums.slice(2, 0, shape[2]!).slice(3, 0, shape[3]!).transpose([1, 0, 2, 3])
}
