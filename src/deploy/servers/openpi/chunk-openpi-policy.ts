import { didYouMean, type RequestError } from '../../../core/index.ts'
import { type ChunkPolicyConfig, chunkKeys } from '../../../models/index.ts'
import type { Chunk } from '../../chunks/temporal-ensembler.ts'
import type { Message } from '../message/message.ts'
import { NumpyArray } from '../message/numpy-array.ts'
import { chunksOf } from '../served-chunks.ts'
import type { Serving } from '../serving.ts'
import { flattened, pictureOf, promptKey, requireFinite, wrongObservation } from './observation.ts'
import type { OpenpiPolicy } from './openpi-policy.ts'

/**
 * Keys under which openpi's clients send what LeRobot calls `name`: itself, with slashes for dots, or without `observation`:
 * `observation.images.top`, `observation/images/top` and `images/top`.
 */
export function keysOf(name: string): readonly string[] {
  const path = name.replaceAll('.', '/')
  return [...new Set([name, path, path.replace(/^observation\//, '')])]
}

/** A policy that acts in chunks: all its cameras, the state and the command → `actions` [chunk, numbers]. */
export function chunkOpenpiPolicy(serving: Serving, config: ChunkPolicyConfig): OpenpiPolicy {
  const { cameras, state_size, action_size, chunk_size, text_config } = config
  const { model, limits } = serving
  return {
    greeting: {
      model: model.name,
      cameras: [...cameras],
      ...(state_size > 0 && { state: chunkKeys.state, state_dim: state_size }),
      ...(text_config && { prompt: promptKey }),
      image_size: model.description.image.size,
      action: chunkKeys.action,
      action_horizon: chunk_size,
      action_dim: action_size,
    },
    async answer(message) {
      const values = flattened(message)
      for (const [key, value] of values) requireFinite(key, value)
      const read = new Set<string>()
      const find = (name: string): Message | undefined => {
        const key = keysOf(name).find((each) => values.has(each))
        if (key !== undefined) read.add(key)
        return key === undefined ? undefined : values.get(key)
      }
      const pictures = cameras.map((name) => {
        const picture = find(name)
        if (picture === undefined) throw missing(name, [...values.keys()])
        return [name, pictureOf(name, picture, limits.imageSide)] as const
      })
      const state =
        state_size > 0 ? stateOf(find(chunkKeys.state), [...values.keys()], state_size) : undefined
      const prompt = values.get(promptKey)
      if (text_config && typeof prompt !== 'string')
        throw wrongObservation(`its ${promptKey} must be a text, the command`, { keys: [...values.keys()] })
      if (typeof prompt === 'string') read.add(promptKey)
      const command = text_config ? (prompt as string) : undefined
      const seen = { cameras: Object.fromEntries(pictures), state, command }
      const { chunks, unlearned } = await chunksOf(serving, [seen])
      return {
        actions: arrayOf(chunks[0]!, action_size),
        unlearned_words: unlearned,
        unread_keys: [...values.keys()].filter((key) => !read.has(key)),
      }
    },
  }
}

const arrayOf = (chunk: Chunk, width: number): NumpyArray =>
  NumpyArray.float32([chunk.length, width], Float32Array.from(chunk.flat()))

const missing = (name: string, keys: readonly string[]): RequestError =>
  wrongObservation(`the policy reads '${name}', which it lacks${didYouMean(name, keys)}`, {
    wanted: name,
    keys,
  })

function stateOf(value: Message | undefined, keys: readonly string[], size: number): readonly number[] {
  if (value === undefined) throw missing(chunkKeys.state, keys)
  const numbers =
    value instanceof NumpyArray ? Array.from(value.data as ArrayLike<number | bigint>, Number) : value
  if (Array.isArray(numbers) && numbers.length === size && numbers.every((each) => typeof each === 'number'))
    return numbers as readonly number[]
  const found = Array.isArray(numbers) ? `${numbers.length} numbers` : typeof value
  throw wrongObservation(`${chunkKeys.state} must be ${size} numbers, and is ${found}`, { size })
}
