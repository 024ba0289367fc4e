import type { Tensor } from '../tensor.ts'

/**
 * x / max(‖x‖₂, ε) along `axis`, as torch.nn.functional.normalize.
 *
 * The limit is taken before the root, max(Σx², ε²), so that the gradient at x = 0 is dy/ε and not NaN.
 *
 * @param epsilon Smallest length divided by. Default 1e-12.
 */
export function l2Normalize(x: Tensor, axis = -1, epsilon = 1e-12): Tensor {
  const squares = x.square().sum(axis, { keep: true })
  return x.div(squares.clamp(epsilon ** 2, Number.POSITIVE_INFINITY).sqrt())
}
