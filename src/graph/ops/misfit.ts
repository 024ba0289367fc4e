import { type ErrorCode, type OwnErrorCode, ShapeError } from '../../core/index.ts'
import type { Tensor } from '../tensor.ts'

type NameOf<Code> = Code extends `shape/${infer Name}` ? Name : never

/** An operation that checks shapes: the `x` of a code `shape/x`, or `own/x` for a user's own function. */
export type CheckedOperation = NameOf<ErrorCode> | OwnErrorCode

const isOwn = (operation: CheckedOperation): operation is OwnErrorCode => operation.startsWith('own/')

/** The error of tensors that do not fit an operation: names it, prints every shape, and says what to try. */
export function misfit(operation: CheckedOperation, inputs: readonly Tensor[], fix: string): ShapeError {
  const shapes = inputs.map((tensor) => `${tensor.dtype}[${tensor.shape}]`).join(', ')
  const code = isOwn(operation) ? operation : (`shape/${operation}` as const)
  return new ShapeError(code, `${operation}(${shapes}) does not fit: ${fix}`, {
    operation,
    shapes: inputs.map((tensor) => tensor.shape),
    dtypes: inputs.map((tensor) => tensor.dtype),
  })
}
