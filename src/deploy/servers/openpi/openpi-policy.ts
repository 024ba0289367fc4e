import type { Message, MessageMap } from '../message/message.ts'
import type { Serving } from '../serving.ts'
import { actionAnswer, greeting } from './actions.ts'
import { type ObservationKeys, readObservation } from './observation.ts'

/** A policy as openpi's clients see it. */
export interface OpenpiPolicy {
  /** First message of a connection: what the policy reads and answers. */
  readonly greeting: MessageMap
  /** Answer to an observation, without its times. */
  answer(observation: Message): Promise<MessageMap>
}

/** Settings of a policy with heads. */
export interface HeadPolicySettings extends ObservationKeys {
  /** Label whose values are the `actions`. */
  readonly action: string
}

/** A policy with heads, which reads one camera and answers one step. */
export function headPolicy(serving: Serving, settings: HeadPolicySettings): OpenpiPolicy {
  const { model } = serving
  return {
    greeting: greeting(model, model.policy!, settings.camera, settings.action),
    async answer(message) {
      const observation = readObservation(message, settings)
      const { command, pixels } = observation
      const unlearned = serving.countUnlearned([command])
      const [prediction] = await model.pool.act([{ command, pixels }])
      model.policy!.require(prediction!)
      return actionAnswer(prediction!, settings.action, observation, unlearned)
    },
  }
}
