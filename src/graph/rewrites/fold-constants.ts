import { type HostArray, stridesOf, zeros } from '../../core/index.ts'
import { type OpRow, ops } from '../op-table.ts'
import { constant } from '../tensor.ts'
import { constantValue, type Rule } from './rule.ts'

/** Elements of the largest folded result; a larger constant would cost more than it saves. */
const largest = 4096

/** Elementwise operations on constants, and their reshapes, are computed now, in the precision of their dtype. */
export const foldConstants: Rule = ({ op, inputs, attributes, outputs }) => {
  const { scalar } = ops[op] as OpRow<object>
  const output = outputs[0]
  const whole = op === 'reshape' ? constantValue(inputs[0]!) : undefined
  if (whole) return constant({ ...whole, shape: output.shape })
  if (!scalar || output.size > largest || output.dtype === 'float16') return undefined
  const values = inputs.map(constantValue)
  if (values.some((value) => value === undefined)) return undefined

  const result = zeros(output.dtype, output.shape)
  const readers = values.map((value) => reader(value!, output.shape))
  const integer = output.dtype === 'int64'
  for (let i = 0; i < output.size; i++) {
    const value = scalar(attributes, ...readers.map((read) => read(i)))
    if (integer && !Number.isFinite(value)) return undefined
    result.data[i] = integer ? BigInt(Math.trunc(value)) : value
  }
  return constant(result)
}

/** A reader of a broadcast array by the flat index of the result. */
function reader({ shape, data }: HostArray, target: readonly number[]): (index: number) => number {
  const lead = target.length - shape.length
  const strides = stridesOf(shape)
  const targetStrides = stridesOf(target)
  return (index) => {
    let offset = 0
    for (let axis = 0; axis < shape.length; axis++) {
      if (shape[axis] === 1) continue
      offset += (Math.floor(index / targetStrides[axis + lead]!) % shape[axis]!) * strides[axis]!
    }
    return Number(data[offset])
  }
}
