import { float32, type HostArray, RequestError } from '../../../core/index.ts'
import { type ChunkPolicyConfig, chunkKeys } from '../../../models/index.ts'
import { requireImageFits } from '../http/image-header.ts'
import { requireFew } from '../http/read-request.ts'
import { chunksOf } from '../served-chunks.ts'
import type { ServedPolicy } from '../served-model.ts'
import type { Serving } from '../serving.ts'
import { byteStringsOf, textOf } from './byte-strings.ts'
import { asInput } from './datatypes.ts'
import { described } from './graph-model.ts'
import type { GivenTensor, KserveModel, TensorDescription } from './models.ts'

type Tensors = ReadonlyMap<string, GivenTensor>

const bytes = (name: string): TensorDescription => ({ name, datatype: 'BYTES', shape: [-1] })

/** A policy with heads: files of images and commands → every label. */
export const actModel = ({ labels }: ServedPolicy, serving: Serving): KserveModel => ({
  name: 'act',
  platform: 'visuomotor',
  inputs: [bytes('image'), bytes('command')],
  outputs: labels.map(({ label, size }) => ({ name: label, datatype: 'FP32', shape: [-1, size] })),
  async infer(tensors) {
    const images = imagesOf(tensors.get('image')!, serving)
    const commands = textsOf(tensors.get('command')!, serving)
    requireAgreeing({ image: images.length, command: commands.length })
    serving.countUnlearned(commands)
    const answers = await serving.model.pool.act(
      images.map((pixels, i) => ({ pixels, command: commands[i]! })),
    )
    return labels.map(({ label }) => [label, rows(answers.map((answer) => answer[label]!))] as const)
  },
})

/** A policy that acts in chunks: files of images of each camera, states and commands → chunks of actions. */
export function actInChunksModel(config: ChunkPolicyConfig, serving: Serving): KserveModel {
  const { cameras, state_size, action_size, chunk_size, text_config } = config
  const state: TensorDescription = { name: chunkKeys.state, datatype: 'FP32', shape: [-1, state_size] }
  return {
    name: 'act',
    platform: 'visuomotor',
    inputs: [
      ...cameras.map(bytes),
      ...(state_size > 0 ? [state] : []),
      ...(text_config ? [bytes('command')] : []),
    ],
    outputs: [{ name: chunkKeys.action, datatype: 'FP32', shape: [-1, chunk_size, action_size] }],
    async infer(tensors) {
      const pictures = cameras.map((name) => [name, imagesOf(tensors.get(name)!, serving)] as const)
      const states = state_size > 0 ? statesOf(tensors.get(chunkKeys.state)!, state_size, serving) : undefined
      const commands = text_config ? textsOf(tensors.get('command')!, serving) : undefined
      const counts = [...pictures, ['state', states] as const, ['command', commands] as const].flatMap(
        ([name, values]) => (values ? [[name, values.length] as const] : []),
      )
      const count = requireAgreeing(Object.fromEntries(counts))
      const observations = Array.from({ length: count }, (_, i) => ({
        cameras: Object.fromEntries(pictures.map(([name, images]) => [name, images[i]!])),
        state: states?.[i],
        command: commands?.[i],
      }))
      const { chunks } = await chunksOf(serving, observations)
      const numbers = chunks.flatMap((chunk) => chunk.flat())
      return [[chunkKeys.action, float32([count, chunk_size, action_size], numbers)]]
    },
  }
}

export const imageModel = (serving: Serving): KserveModel => ({
  name: 'embed_image',
  platform: 'visuomotor',
  inputs: [bytes('image')],
  outputs: [embeddingOf('vision_model', serving)],
  infer: async (tensors) => [
    ['embedding', rows(await serving.model.pool.images(imagesOf(tensors.get('image')!, serving)))],
  ],
})

export const textModel = (serving: Serving): KserveModel => ({
  name: 'embed_text',
  platform: 'visuomotor',
  inputs: [bytes('text')],
  outputs: [embeddingOf('text_model', serving)],
  async infer(tensors) {
    const texts = textsOf(tensors.get('text')!, serving)
    serving.countUnlearned(texts)
    return [['embedding', rows(await serving.model.pool.texts(texts))]]
  },
})

/** Files of images → captions, by the most probable word each time, with the logarithms of their probabilities. */
export const captionModel = (serving: Serving): KserveModel => ({
  name: 'caption',
  platform: 'visuomotor',
  inputs: [bytes('image')],
  outputs: [bytes('caption'), { name: 'log_probability', datatype: 'FP32', shape: [-1] }],
  async infer(tensors: Tensors) {
    const { pool, description } = serving.model
    const search = { beams: 1, length: description.model.inputs.text.length }
    const captions = await pool.captions(imagesOf(tensors.get('image')!, serving), search)
    const logarithms = captions.map(({ logProbability }) => logProbability)
    return [
      ['caption', byteStringsOf(captions.map(({ caption }) => caption))],
      ['log_probability', float32([captions.length], logarithms)],
    ]
  },
})

function embeddingOf(graph: string, { model }: Serving): TensorDescription {
  const { outputs } = model.pool.graphs.find(({ name }) => name === graph)!
  return { ...described(outputs[0]!), name: 'embedding' }
}

/** The number of samples that all inputs have. @throws RequestError `serve/tensor` where they differ. */
function requireAgreeing(counts: Readonly<Record<string, number>>): number {
  const numbers = [...new Set(Object.values(counts))]
  if (numbers.length === 1) return numbers[0]!
  const listed = Object.entries(counts).map(([name, count]) => `${count} of ${name}`)
  throw new RequestError('serve/tensor', `the inputs have different numbers of samples: ${listed.join(', ')}`)
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
  elementsOf(tensor, serving).map((file, i) => {
    requireImageFits({ bytes: file }, `${tensor.name} ${i}`, serving.limits.imageSide)
    return { bytes: file }
  })

const textsOf = (tensor: GivenTensor, serving: Serving): string[] =>
  elementsOf(tensor, serving).map((element) => textOf(tensor.name, element))

/** States [samples, size] as rows. */
function statesOf(tensor: GivenTensor, size: number, { limits }: Serving): readonly (readonly number[])[] {
  const { name, shape } = tensor
  if (tensor.datatype === 'BYTES' || shape.length !== 2 || shape[1] !== size || shape[0] === 0)
    throw new RequestError(
      'serve/tensor',
      `tensor ${name}: it is ${tensor.datatype} [${shape}], the model takes FP32 [-1,${size}]`,
    )
  if (shape[0]! > limits.items)
    throw new RequestError('serve/too-large', `${shape[0]} samples at once; the server takes ${limits.items}`)
  const { data } = asInput(tensor, tensor.values, 'float32')
  const values = Array.from(data as Float32Array)
  return Array.from({ length: shape[0]! }, (_, row) => values.slice(row * size, (row + 1) * size))
}

/** Rows of equal length as one array. */
function rows(vectors: readonly ArrayLike<number>[]): HostArray<'float32'> {
  const width = vectors[0]!.length
  const data = new Float32Array(vectors.length * width)
  for (const [i, vector] of vectors.entries()) data.set(vector, i * width)
  return { dtype: 'float32', shape: [vectors.length, width], data }
}
