import { ShapeError } from '../../core/index.ts'
import type { Tensor } from '../tensor.ts'

/** The error of tensors that do not fit an operation: names it, prints every shape, and says what to try. */
export function misfit(operation: string, inputs: readonly Tensor[], fix: string): ShapeError {
  const shapes = inputs.map((tensor) => `${tensor.dtype}[${tensor.shape}]`).join(', ')
  return new ShapeError(`shape/${operation}`, `${operation}(${shapes}) does not fit: ${fix}`, {
    operation,
    shapes: inputs.map((tensor) => tensor.shape),
    dtypes: inputs.map((tensor) => tensor.dtype),
  })
}
