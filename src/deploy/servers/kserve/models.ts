import { type HostArray, RequestError } from '../../../core/index.ts'
import type { ProgramValue } from '../../../engine/index.ts'
import { isDualEncoder } from '../../../models/index.ts'
import { requireImageFits } from '../http/image-header.ts'
import { requireFew } from '../http/read-request.ts'
import type { GraphDescription } from '../model/lanes.ts'
import type { ServedPolicy } from '../served-model.ts'
import type { Serving } from '../serving.ts'
import { textOf } from './byte-strings.ts'
import { asInput, type Datatype, datatypeOf, type Values } from './datatypes.ts'

/** An input or output of a model; −1 is a free size. */
export interface TensorDescription {
  readonly name: string
  readonly datatype: Datatype | 'BYTES'
  readonly shape: readonly number[]
}

/** A tensor of a request: numbers, or the elements of BYTES. */
export type GivenTensor = { readonly name: string; readonly shape: readonly number[] } & (
  | { readonly datatype: Datatype; readonly values: Values }
  | { readonly datatype: 'BYTES'; readonly elements: readonly Uint8Array[] }
)

/** A model of KServe's protocol. */
export interface KserveModel {
  readonly name: string
  readonly platform: string
  readonly inputs: readonly TensorDescription[]
  readonly outputs: readonly TensorDescription[]
  /** @throws RequestError `serve/tensor`, `serve/not-finite`, `serve/image`; errors of the pool. */
  infer(tensors: ReadonlyMap<string, GivenTensor>): Promise<readonly (readonly [string, HostArray])[]>
}

/**
 * Models that a server offers: each graph, whose inputs the client prepares; and models that take images' files and texts
 * as BYTES, which the server prepares.
 */
export function kserveModels(serving: Serving): readonly KserveModel[] {
  const { pool, policy, description } = serving.model
  const graphs = pool.graphs.map((graph) => graphModel(graph, serving))
  if (policy) return [...graphs, actModel(policy, serving)]
  return isDualEncoder(description.model) ? [...graphs, imageModel(serving), textModel(serving)] : graphs
}

const described = ({ name, dtype, shape }: ProgramValue): TensorDescription => ({
  name,
  datatype: datatypeOf(dtype),
  shape: shape.map((size) => size ?? -1),
})

function graphModel({ name, inputs, outputs }: GraphDescription, serving: Serving): KserveModel {
  return {
    name,
    platform: 'onnx_onnxv1',
    inputs: inputs.map(described),
    outputs: outputs.map(described),
    async infer(tensors) {
      const feeds = inputs.map(
        (input) => [input.name, feedOf(input, tensors.get(input.name)!, serving)] as const,
      )
      const rows = new Set(feeds.map(([, { shape }]) => shape[0]))
      if (rows.size > 1)
        throw new RequestError(
          'serve/tensor',
          `the inputs have ${[...rows].join(' and ')} samples; they must agree`,
        )
      return Object.entries(await serving.model.pool.graph(name, Object.fromEntries(feeds)))
    },
  }
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
  if (tensor.shape[0]! > limits.items)
    throw new RequestError(
      'serve/too-large',
      `${tensor.shape[0]} samples at once; the server takes ${limits.items}`,
    )
  const array = asInput(tensor, tensor.values, input.dtype)
  if (array.data instanceof BigInt64Array)
    requireTokens(name, array.data, model.description.tokenizer.vocabularySize)
  return array
}

function requireTokens(name: string, ids: BigInt64Array, vocabulary: number): void {
  if (ids.every((id) => id >= 0n && id < BigInt(vocabulary))) return
  throw new RequestError(
    'serve/tensor',
    `tensor ${name}: a token is outside the vocabulary, 0 to ${vocabulary - 1}`,
  )
}

const bytesInput = (name: string): TensorDescription => ({ name, datatype: 'BYTES', shape: [-1] })

function actModel({ labels }: ServedPolicy, serving: Serving): KserveModel {
  return {
    name: 'act',
    platform: 'visuomotor',
    inputs: [bytesInput('image'), bytesInput('command')],
    outputs: labels.map(({ label, size }) => ({ name: label, datatype: 'FP32', shape: [-1, size] })),
    async infer(tensors) {
      const images = imagesOf(tensors.get('image')!, serving)
      const commands = textsOf(tensors.get('command')!, serving)
      if (images.length !== commands.length)
        throw new RequestError(
          'serve/tensor',
          `${images.length} images and ${commands.length} commands; each has one`,
        )
      serving.countUnlearned(commands)
      const answers = await serving.model.pool.act(
        images.map((pixels, i) => ({ pixels, command: commands[i]! })),
      )
      return labels.map(({ label }) => [label, rows(answers.map((answer) => answer[label]!))] as const)
    },
  }
}

const imageModel = (serving: Serving): KserveModel => ({
  name: 'embed_image',
  platform: 'visuomotor',
  inputs: [bytesInput('image')],
  outputs: [embeddingOf('vision_model', serving)],
  infer: async (tensors) => [
    ['embedding', rows(await serving.model.pool.images(imagesOf(tensors.get('image')!, serving)))],
  ],
})

const textModel = (serving: Serving): KserveModel => ({
  name: 'embed_text',
  platform: 'visuomotor',
  inputs: [bytesInput('text')],
  outputs: [embeddingOf('text_model', serving)],
  async infer(tensors) {
    const texts = textsOf(tensors.get('text')!, serving)
    serving.countUnlearned(texts)
    return [['embedding', rows(await serving.model.pool.texts(texts))]]
  },
})

function embeddingOf(graph: string, { model }: Serving): TensorDescription {
  const { outputs } = model.pool.graphs.find(({ name }) => name === graph)!
  return { ...described(outputs[0]!), name: 'embedding' }
}

function elementsOf(tensor: GivenTensor, { limits }: Serving): readonly Uint8Array[] {
  const { name, datatype, shape } = tensor
  if (datatype !== 'BYTES')
    throw new RequestError('serve/tensor', `tensor ${name}: it is ${datatype}, the model takes BYTES`)
  if (shape.length !== 1 || tensor.elements.length === 0)
    throw new RequestError('serve/tensor', `tensor ${name}: its shape is [${shape}], the model takes [-1]`)
  requireFew(tensor.elements, 'samples', limits.items)
  return tensor.elements
}

const imagesOf = (tensor: GivenTensor, serving: Serving) =>
  elementsOf(tensor, serving).map((bytes, i) => {
    requireImageFits({ bytes }, `image ${i}`, serving.limits.imageSide)
    return { bytes }
  })

const textsOf = (tensor: GivenTensor, serving: Serving): string[] =>
  elementsOf(tensor, serving).map((bytes) => textOf(tensor.name, bytes))

/** Rows of equal length as one array. */
function rows(vectors: readonly ArrayLike<number>[]): HostArray<'float32'> {
  const width = vectors[0]!.length
  const data = new Float32Array(vectors.length * width)
  for (const [i, vector] of vectors.entries()) data.set(vector, i * width)
  return { dtype: 'float32', shape: [vectors.length, width], data }
}
