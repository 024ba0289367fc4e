import { type HostArray, RequestError } from '../../../core/index.ts'
import type { ProgramValue } from '../../../engine/index.ts'
import type { GraphDescription } from '../model/lanes.ts'
import type { Serving } from '../serving.ts'
import { asInput, datatypeOf } from './datatypes.ts'
import type { GivenTensor, KserveModel, TensorDescription } from './models.ts'

/** Description of a graph's value; −1 is a free size. */
export const described = ({ name, dtype, shape }: ProgramValue): TensorDescription => ({
  name,
  datatype: datatypeOf(dtype),
  shape: shape.map((size) => size ?? -1),
})

/** A graph of the model, whose inputs the client prepares. */
export function graphModel(graph: GraphDescription, serving: Serving): KserveModel {
  const { name, inputs, outputs, isOfSamples, ranges } = graph
  return {
    name,
    platform: 'onnx_onnxv1',
    inputs: inputs.map(described),
    outputs: outputs.map(described),
    async infer(tensors) {
      const feeds = inputs.map((input) => {
        const array = feedOf(input, tensors.get(input.name)!, serving)
        requireInRange(input.name, array, ranges[input.name])
        return [input.name, array] as const
      })
      const rows = isOfSamples ? samplesOf(feeds.map(([, array]) => array)) : 1
      return Object.entries(await serving.model.pool.graph(name, Object.fromEntries(feeds), rows))
    },
  }
}

/** Number of samples of arrays that must agree in it. */
function samplesOf(arrays: readonly HostArray[]): number {
  const rows = new Set(arrays.map(({ shape }) => shape[0]!))
  if (rows.size === 1) return [...rows][0]!
  throw new RequestError(
    'serve/tensor',
    `the inputs have ${[...rows].join(' and ')} samples; they must agree`,
  )
}

function feedOf(input: ProgramValue, tensor: GivenTensor, { model, limits }: Serving): HostArray {
  const { name } = input
  if (tensor.datatype === 'BYTES')
    throw new RequestError(
      'serve/tensor',
      `tensor ${name}: it is BYTES, the model takes ${datatypeOf(input.dtype)}`,
    )
  const fits =
    tensor.shape.length === input.shape.length &&
    input.shape.every((size, axis) =>
      size === undefined ? tensor.shape[axis]! > 0 : size === tensor.shape[axis],
    )
  if (!fits) {
    const wanted = input.shape.map((size) => size ?? -1)
    throw new RequestError(
      'serve/tensor',
      `tensor ${name}: its shape is [${tensor.shape}], the model takes [${wanted}]`,
    )
  }
  const most = Math.max(limits.items, model.description.model.inputs.text.length)
  const isMore = (size: number | undefined, axis: number) =>
    size === undefined && tensor.shape[axis]! > (axis === 0 ? limits.items : most)
  const large = input.shape.findIndex(isMore)
  if (large !== -1)
    throw new RequestError(
      'serve/too-large',
      `tensor ${name}: a free size is ${tensor.shape[large]}; the server takes ${large === 0 ? limits.items : most}`,
    )
  return asInput(tensor, tensor.values, input.dtype)
}

/** Check whole numbers that name something, such as tokens. @throws RequestError `serve/tensor`. */
function requireInRange(
  name: string,
  { data }: HostArray,
  range: readonly [low: number, high: number] | undefined,
): void {
  if (range === undefined || !(data instanceof BigInt64Array)) return
  const [low, high] = range
  const outside = data.find((value) => value < BigInt(low) || value > BigInt(high))
  if (outside === undefined) return
  const problem =
    name === 'input_ids'
      ? `the token ${outside} is outside the vocabulary, ${low} to ${high}`
      : `${outside} is outside the model's range, ${low} to ${high}`
  throw new RequestError('serve/tensor', `tensor ${name}: ${problem}`, { name, low, high })
}
