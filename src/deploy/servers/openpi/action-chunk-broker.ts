import { RequestError } from '../../../core/index.ts'
import type { Message, MessageMap } from '../message/message.ts'
import { NumpyArray } from '../message/numpy-array.ts'
import type { ObservationPolicy } from './policy-client.ts'

/**
 * A policy whose chunks of actions are carried out step by step: an answer is cut along the first axis of each of its arrays,
 * and the policy is asked again after `horizon` steps. What openpi's `ActionChunkBroker` does in Python.
 */
export class ActionChunkBroker implements ObservationPolicy {
  readonly #policy: ObservationPolicy
  readonly #horizon: number
  #chunk: MessageMap | undefined
  #step = 0

  /** @param horizon Number of steps of each chunk that are carried out, from 1 to the number that the policy answers. */
  constructor(policy: ObservationPolicy, horizon: number) {
    this.#policy = policy
    this.#horizon = horizon
  }

  /** The answer for this step. @throws RequestError `serve/unanswered` for an array of fewer steps; those of the policy. */
  async infer(observation: MessageMap): Promise<MessageMap> {
    if (this.#chunk === undefined) {
      this.#chunk = await this.#policy.infer(observation)
      this.#step = 0
    }
    const answer = mapAt(this.#chunk, this.#step)
    this.#step += 1
    if (this.#step >= this.#horizon) this.#chunk = undefined
    return answer
  }

  /** Begin an episode: what is left of a chunk is dropped. */
  reset(): void {
    this.#chunk = undefined
    this.#policy.reset()
  }
}

const mapAt = (map: MessageMap, step: number): MessageMap =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, valueAt(key, value, step)]))

function valueAt(key: string, value: Message, step: number): Message {
  if (value instanceof NumpyArray) return arrayAt(key, value, step)
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value
  if (isList(value)) return value.map((part) => valueAt(key, part, step))
  return mapAt(value, step)
}

const isList = (value: readonly Message[] | MessageMap): value is readonly Message[] => Array.isArray(value)

function arrayAt(key: string, { dtype, shape, data }: NumpyArray, step: number): NumpyArray {
  const [steps = 0, ...rest] = shape
  if (step >= steps)
    throw new RequestError(
      'serve/unanswered',
      `${key} has ${steps} steps, step ${step + 1} is asked for: the horizon is longer than the policy's chunks`,
      { key, steps },
    )
  const width = data.length / steps
  return new NumpyArray(dtype, rest, data.slice(step * width, (step + 1) * width))
}
